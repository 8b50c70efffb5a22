// Package slogmask takes personal data out of log lines, whoever writes them: the
// message, and of the attributes every text, error, Stringer and whatever else is
// written as text, in groups too. It imports mask; whoever makes a logger wraps its
// handler in one of these.
package slogmask

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"ines/shared/mask"
)

// Handler masks what it passes on. It is safe for concurrent use if the handler
// behind it is.
type Handler struct{ next slog.Handler }

// New wraps a handler.
func New(next slog.Handler) Handler { return Handler{next} }

// Enabled is the handler's behind.
func (h Handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

// Handle passes a record on, as it is if there is nothing to mask in it.
func (h Handler) Handle(ctx context.Context, r slog.Record) error {
	said := mask.Text(r.Message)
	changed := said != r.Message
	if !changed {
		r.Attrs(func(a slog.Attr) bool {
			changed = suspect(a.Value)
			return !changed
		})
	}
	if !changed {
		return h.next.Handle(ctx, r)
	}
	masked := slog.NewRecord(r.Time, r.Level, said, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		masked.AddAttrs(attr(a))
		return true
	})
	return h.next.Handle(ctx, masked)
}

// WithAttrs masks the attributes once, for all records.
func (h Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = attr(a)
	}
	return Handler{h.next.WithAttrs(masked)}
}

// WithGroup opens a group.
func (h Handler) WithGroup(name string) slog.Handler { return Handler{h.next.WithGroup(name)} }

// suspect reports whether a value has to be looked into: everything but numbers,
// times and texts without anything personal.
func suspect(v slog.Value) bool {
	switch v.Kind() {
	case slog.KindString:
		return mask.Text(v.String()) != v.String()
	case slog.KindBool, slog.KindDuration, slog.KindFloat64, slog.KindInt64, slog.KindUint64, slog.KindTime:
		return false
	}
	return true
}

func attr(a slog.Attr) slog.Attr { return slog.Attr{Key: a.Key, Value: value(a.Value)} }

func value(v slog.Value) slog.Value {
	switch v = v.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.StringValue(mask.Text(v.String()))
	case slog.KindGroup:
		group := v.Group()
		masked := make([]slog.Attr, len(group))
		for i, a := range group {
			masked[i] = attr(a)
		}
		return slog.GroupValue(masked...)
	case slog.KindAny:
		return whatever(v.Any())
	}
	return v
}

// whatever masks a value of any type as the text that it would be written as.
func whatever(v any) slog.Value {
	switch x := v.(type) {
	case nil, *slog.Source:
		return slog.AnyValue(v)
	case error:
		return slog.StringValue(mask.Text(said(x.Error)))
	case fmt.Stringer:
		return slog.StringValue(mask.Text(said(x.String)))
	case []byte:
		return slog.StringValue(mask.Text(string(x)))
	}
	text, err := json.Marshal(v)
	if err != nil {
		return slog.StringValue(mask.Text(fmt.Sprintf("%+v", v)))
	}
	masked := mask.Text(string(text))
	if masked == string(text) {
		return slog.AnyValue(v)
	}
	var again any
	if json.Unmarshal([]byte(masked), &again) != nil {
		return slog.StringValue(masked) // a number that stood alone became a placeholder
	}
	return slog.AnyValue(again)
}

// said calls a method of a value that may be a nil pointer, which slog forgives.
func said(method func() string) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprintf("!PANIC: %v", p)
		}
	}()
	return method()
}
