package bedrock_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ines/shared/aws/awstest"
	"ines/shared/classify/bedrock"
)

// service answers as the Bedrock runtime does.
type service struct {
	t *testing.T
	*httptest.Server
	awstest.Faults

	mu       sync.Mutex
	asked    []string // what was shown of each message
	path     string
	task     string
	inFlight int
	most     int
	say      func(shown string) string // the whole answer
}

// said is an answer of the service.
func said(stop string, blocks ...string) string {
	return `{"metrics":{"latencyMs":311},"output":{"message":{"content":[` + strings.Join(blocks, ",") + `],"role":"assistant"}},"stopReason":"` + stop +
		`","usage":{"inputTokens":212,"outputTokens":4,"totalTokens":216}}`
}

func text(s string) string {
	quoted, _ := json.Marshal(s)
	return `{"text":` + string(quoted) + `}`
}

func open(t *testing.T) *service {
	s := &service{t: t, say: func(string) string { return said("end_turn", text("baggage")) }}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Serve(w, r, "Converse", s.converse(r))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) converse(r *http.Request) func(http.ResponseWriter, []byte, awstest.Fault) {
	return func(w http.ResponseWriter, body []byte, _ awstest.Fault) {
		var in struct {
			System   []struct{ Text string }
			Messages []struct {
				Role    string
				Content []struct{ Text string }
			}
			InferenceConfig struct {
				MaxTokens   int
				Temperature float64
			}
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.DisallowUnknownFields()
		if err := d.Decode(&in); err != nil || r.Method != http.MethodPost || len(in.System) != 1 || len(in.Messages) != 1 ||
			in.Messages[0].Role != "user" || len(in.Messages[0].Content) != 1 || in.InferenceConfig.MaxTokens < 1 {
			awstest.Refuse(w, http.StatusBadRequest, "ValidationException", "The request is malformed")
			return
		}
		shown := in.Messages[0].Content[0].Text
		s.mu.Lock()
		s.asked, s.path, s.task = append(s.asked, shown), r.URL.EscapedPath(), in.System[0].Text
		s.inFlight++
		s.most = max(s.most, s.inFlight)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, s.say(shown))
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}
}

// bench is an asker whose clock and budget are the test's.
type bench struct {
	*bedrock.Asker
	*service
	now    time.Time
	budget int
	broken error // of the budget
	log    bytes.Buffer
}

func newBench(t *testing.T) *bench {
	b := &bench{service: open(t), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), budget: 1000}
	var mu sync.Mutex
	to := awstest.Config(t, b.URL)
	b.Asker = bedrock.New(bedrock.Config{AWS: to, Model: "eu.amazon.nova-micro-v1:0", Timeout: 5 * time.Second,
		Topics: []bedrock.Topic{{ID: "baggage", Name: "Baggage"}, {ID: "refund", Name: "Refunds"}},
		Spend: func(context.Context) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			b.budget--
			return b.budget >= 0, b.broken
		},
		Now: func() time.Time { return b.now }, Log: slog.New(slog.NewTextHandler(&b.log, nil))})
	return b
}

func (b *bench) ask(t *testing.T, texts ...string) []string {
	t.Helper()
	var all []bedrock.Question
	for _, s := range texts {
		all = append(all, bedrock.Question{Text: s})
	}
	return b.Topics(t.Context(), all)
}

func TestAsksWithMaskedTextAndTakesATopic(t *testing.T) {
	b := newBench(t)
	got := b.Topics(t.Context(), []bedrock.Question{{Subject: "From bo@mail.example", Text: "My card 4111 1111 1111 1111 was charged, ring +44 20 7946 0958"}})
	if !slices.Equal(got, []string{"baggage"}) {
		t.Fatalf("answers %q", got)
	}
	if b.asked[0] != "From <email>\n\nMy card <card> was charged, ring <phone>" {
		t.Errorf("the model was shown %q", b.asked[0])
	}
	if b.path != "/model/eu.amazon.nova-micro-v1%3A0/converse" {
		t.Errorf("asked at %s", b.path)
	}
	if !strings.Contains(b.task, "baggage: Baggage\nrefund: Refunds\n") {
		t.Errorf("the task: %s", b.task)
	}
}

// A subject may say what the reference below it is one of.
func TestASubjectAnnouncesWhatIsMaskedBelow(t *testing.T) {
	b := newBench(t)
	b.Topics(t.Context(), []bedrock.Question{{Subject: "My booking", Text: "7KX2PM is what the paper says, and what now"}})
	if want := "My booking\n\n<booking> is what the paper says, and what now"; b.asked[0] != want {
		t.Errorf("the model was shown %q", b.asked[0])
	}
}

// A cut must not free half a number from its mask.
func TestLongTextsAreMaskedBeforeTheyAreCut(t *testing.T) {
	b := newBench(t)
	for i := range 40 {
		b.ask(t, fmt.Sprintf("word%c ", 'a'+i%26)+strings.Repeat("é ", 1480+i)+"4111 1111 1111 1111 4111 1111 1111 1111")
	}
	for _, shown := range b.asked {
		if strings.ContainsAny(shown, "0123456789") || len(shown) > 3000 || strings.ToValidUTF8(shown, "") != shown {
			t.Fatalf("shown %q", shown[len(shown)-60:])
		}
	}
}

// TestAnswersAreHeldToTheTopics: whatever the model says, what comes of it is a
// topic of the desk or nothing.
func TestAnswersAreHeldToTheTopics(t *testing.T) {
	for answer, want := range map[string]string{
		said("end_turn", text("refund")):                                                         "refund",
		said("end_turn", text(" \"Refund\".\n")):                                                 "refund",
		said("stop_sequence", text("refund")):                                                    "refund",
		said("end_turn", `{"reasoningContent":{"reasoningText":{"text":"hm"}}}`, text("refund")): "refund",
		said("end_turn", text("none")):                                                           "",
		said("end_turn", text("cheese")):                                                         "",
		said("end_turn", text("refund or baggage")):                                              "",
		said("end_turn", text("The topic is refund")):                                            "",
		said("end_turn", text("")):                                                               "",
		said("end_turn"):                                                                         "",
		said("max_tokens", text("refund")):                                                       "",
		said("guardrail_intervened", text("refund")):                                             "",
		said("content_filtered"):                                                                 "",
	} {
		b := newBench(t)
		b.say = func(string) string { return answer }
		if got := b.ask(t, "where is it"); got[0] != want {
			t.Errorf("%s: %q, want %q", answer, got[0], want)
		}
		if b.log.Len() > 0 {
			t.Errorf("%s: %s", answer, b.log.String())
		}
		b.ask(t, "where is it")
		if n := b.Calls("Converse"); n != 1 {
			t.Errorf("%s: asked %d times", answer, n)
		}
	}
}

// TestWhateverFailsIsNoAnswer, and the model is let be for a while.
func TestWhateverFailsIsNoAnswer(t *testing.T) {
	for name, wrong := range map[string]func(b *bench){
		"throttled":    func(b *bench) { b.Inject(awstest.Fault{Status: 429, Code: "ThrottlingException"}) },
		"no access":    func(b *bench) { b.Inject(awstest.Fault{Status: 403, Code: "AccessDeniedException"}) },
		"not ready":    func(b *bench) { b.Inject(awstest.Fault{Status: 429, Code: "ModelNotReadyException"}) },
		"timed out":    func(b *bench) { b.Inject(awstest.Fault{Status: 408, Code: "ModelTimeoutException"}) },
		"down":         func(b *bench) { b.Inject(awstest.Fault{Status: 503, Code: "ServiceUnavailableException"}) },
		"hung up":      func(b *bench) { b.Inject(awstest.Fault{Lost: true}) },
		"garbage":      func(b *bench) { b.say = func(string) string { return "<html>hello</html>" } },
		"half":         func(b *bench) { b.say = func(string) string { return said("end_turn", text("refund"))[:60] } },
		"another JSON": func(b *bench) { b.say = func(string) string { return `{"topic":"refund"}` } },
		"null":         func(b *bench) { b.say = func(string) string { return "null" } },
		"no budget":    func(b *bench) { b.budget = 0 },
		"table down":   func(b *bench) { b.broken = errors.New("table unavailable") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			wrong(b)
			if got := b.ask(t, "where is it"); got[0] != "" {
				t.Fatalf("answers %q", got)
			}
			calls := b.Calls("Converse")
			if calls > 1 {
				t.Errorf("tried %d times", calls)
			}
			if got := b.ask(t, "and this one then"); got[0] != "" || b.Calls("Converse") != calls {
				t.Errorf("asked again at once: %q", got)
			}
			if n := strings.Count(b.log.String(), "\n"); n != 1 || !strings.Contains(b.log.String(), "no second opinion") {
				t.Errorf("%d lines in the log: %s", n, b.log.String())
			}
			b.Heal()
			b.budget, b.broken, b.say = 10, nil, func(string) string { return said("end_turn", text("baggage")) }
			b.now = b.now.Add(11 * time.Minute)
			if got := b.ask(t, "where is it"); got[0] != "baggage" {
				t.Errorf("later: %q", got)
			}
		})
	}
}

// TestSlow: a batch takes its time limit and no longer, however many ask.
func TestSlow(t *testing.T) {
	b := newBench(t)
	b.Timeout = 50 * time.Millisecond
	b.Inject(awstest.Fault{Hang: true})
	var texts []string
	for i := range 60 {
		texts = append(texts, fmt.Sprintf("%c%c strange matters nobody knows", 'a'+i%26, 'a'+i/26))
	}
	if got := b.ask(t, texts...); strings.Join(got, "") != "" {
		t.Fatalf("answers %q", got)
	}
	if n := b.Calls("Converse"); n > 8 {
		t.Errorf("%d calls hung: the batch took several time limits", n)
	}
	if !strings.Contains(b.log.String(), "deadline") && !strings.Contains(b.log.String(), "no answer in time") {
		t.Errorf("log: %s", b.log.String())
	}
}

func TestNearDuplicatesAreAskedAboutOnce(t *testing.T) {
	b := newBench(t)
	b.say = func(shown string) string {
		if strings.Contains(shown, "money") {
			return said("end_turn", text("refund"))
		}
		return said("end_turn", text("baggage"))
	}
	pasted := "Shame on you Northline for leaving two hundred people on the apron without water or a word for five hours #shame"
	got := b.ask(t, pasted, "I want my money for that", "RT "+pasted, pasted+" @northline", "")
	if !slices.Equal(got, []string{"baggage", "refund", "baggage", "baggage", ""}) {
		t.Fatalf("answers %q", got)
	}
	if n := b.Calls("Converse"); n != 2 {
		t.Fatalf("%d calls for two matters", n)
	}
	if got := b.ask(t, pasted+"!!"); got[0] != "baggage" || b.Calls("Converse") != 2 {
		t.Errorf("later %q after %d calls", got, b.Calls("Converse"))
	}
}

// TestFewAtATime: a storm of questions is answered a few calls at a time, and those
// beyond the budget are not.
func TestFewAtATime(t *testing.T) {
	b := newBench(t)
	b.budget = 30
	open, together := make(chan struct{}), make(chan struct{}, 100)
	b.say = func(string) string {
		together <- struct{}{}
		<-open
		return said("end_turn", text("baggage"))
	}
	var texts []string
	for i := range 26 {
		texts = append(texts, strings.Repeat(string(rune('a'+i)), 7)+" matter"+string(rune('a'+i)))
	}
	done := make(chan []string, 1)
	go func() { done <- b.ask(t, texts...) }()
	for range 8 {
		select {
		case <-together:
		case got := <-done:
			t.Fatalf("answers %q with fewer than 8 in flight", got)
		}
	}
	close(open)
	got := <-done
	if b.most > 8 {
		t.Errorf("%d at a time", b.most)
	}
	if n := len(slices.DeleteFunc(got, func(s string) bool { return s != "baggage" })); n != 26 {
		t.Errorf("%d of 26 answered", n)
	}
}
