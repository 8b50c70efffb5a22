package slogmask_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/mask/slogmask"
)

const (
	card  = "4111 1111 1111 1111"
	email = "bo@mail.example"
	phone = "+44 20 7946 0958"
)

type lazy struct{}

func (lazy) LogValue() slog.Value { return slog.GroupValue(slog.String("from", email)) }

type broken struct{ text *string }

func (b *broken) Error() string { return *b.text }

// TestNothingPersonalReachesALine: wherever it stands in what is logged.
func TestNothingPersonalReachesALine(t *testing.T) {
	deep := fmt.Errorf("store the reply: %w", errors.Join(errors.New("refused: "+card), fmt.Errorf("by %s", email)))
	for name, log := range map[string]func(*slog.Logger){
		"message":    func(l *slog.Logger) { l.Info("called " + phone) },
		"text":       func(l *slog.Logger) { l.Info("x", "text", "my card is "+card) },
		"error":      func(l *slog.Logger) { l.Error("x", "error", deep) },
		"error text": func(l *slog.Logger) { l.Error("x", "error", deep.Error()) },
		"nil error":  func(l *slog.Logger) { var b *broken; l.Error("x "+email, "error", b) },
		"stringer":   func(l *slog.Logger) { l.Info("x", "url", &url.URL{Scheme: "mailto", Opaque: email}) },
		"group":      func(l *slog.Logger) { l.Info("x", slog.Group("a", slog.Group("b", slog.String("c", card)))) },
		"lazy":       func(l *slog.Logger) { l.Info("x", "who", lazy{}) },
		"with":       func(l *slog.Logger) { l.With("from", email).Info("x") },
		"with group": func(l *slog.Logger) { l.WithGroup("g").With("from", email).Info("x", "to", phone) },
		"bytes":      func(l *slog.Logger) { l.Info("x", "body", []byte(`{"mail":"`+email+`"}`)) },
		"struct":     func(l *slog.Logger) { l.Info("x", "m", struct{ Mail string }{email}) },
		"list":       func(l *slog.Logger) { l.Info("x", "m", []string{email, card}) },
		"map":        func(l *slog.Logger) { l.Info("x", "m", map[string]any{"a": []any{phone}}) },
		"raw JSON":   func(l *slog.Logger) { l.Info("x", "m", json.RawMessage(`["`+email+`"]`)) },
		"unmarshallable": func(l *slog.Logger) {
			l.Info("x", "m", struct {
				F func()
				M string
			}{nil, email})
		},
	} {
		for kind, handler := range map[string]func(io.Writer) slog.Handler{
			"JSON": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
			"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		} {
			var line bytes.Buffer
			log(slog.New(slogmask.New(handler(&line))))
			for _, secret := range []string{card, email, phone, "4111", "7946"} {
				if strings.Contains(line.String(), secret) {
					t.Errorf("%s, %s: %s", name, kind, line.String())
				}
			}
			if !strings.ContainsAny(line.String(), "<") && !strings.Contains(line.String(), `\u003c`) {
				t.Errorf("%s, %s: nothing is masked in %s", name, kind, line.String())
			}
			if kind == "JSON" && !json.Valid(line.Bytes()) {
				t.Errorf("%s: no JSON: %s", name, line.String())
			}
		}
	}
}

// TestTheRestIsAsItWas, types and all.
func TestTheRestIsAsItWas(t *testing.T) {
	write := func(h func(slog.Handler) slog.Handler) string {
		var b bytes.Buffer
		drop := func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}
		l := slog.New(h(slog.NewJSONHandler(&b, &slog.HandlerOptions{ReplaceAttr: drop, AddSource: true})))
		l.With("a", 1).WithGroup("g").Warn("relayed", "took", time.Second, "n", 4111111111111111, "ok", true, "at", time.Unix(1, 0).UTC(),
			"list", []int{1, 2}, "error", errors.New("nobody home"), slog.Group("h", "x", 1.5), "none", nil, "case", "c_01hv3q")
		l.Debug("not at this level")
		return b.String()
	}
	bare := func(h slog.Handler) slog.Handler { return h }
	if got, want := write(func(h slog.Handler) slog.Handler { return slogmask.New(h) }), write(bare); got != want {
		t.Errorf("masked\n%sbare\n%s", got, want)
	}
}

func TestNothingToMaskAllocatesNothing(t *testing.T) {
	l := slog.New(slogmask.New(slog.NewJSONHandler(io.Discard, nil)))
	n := testing.AllocsPerRun(100, func() { l.Info("batch done", "queue", "inbound", "messages", 17) })
	if n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkHandler(b *testing.B) {
	for name, h := range map[string]slog.Handler{"bare": slog.NewJSONHandler(io.Discard, nil), "masking": slogmask.New(slog.NewJSONHandler(io.Discard, nil))} {
		l := slog.New(h)
		b.Run(name+"/plain", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Info("batch done", "queue", "inbound", "messages", 17)
			}
		})
		b.Run(name+"/personal", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Info("batch failed", "queue", "inbound", "error", "refused: "+email+" "+card)
			}
		})
	}
}
