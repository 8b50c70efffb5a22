package channel

import "context"

type (
	inboxKey struct{}
	askKey   struct{}
)

// WithInbox marks calls made under ctx as an inbox's: what stands in for a
// platform, or watches its limits, can tell them apart.
func WithInbox(ctx context.Context, inbox Inbox) context.Context {
	return context.WithValue(ctx, inboxKey{}, inbox)
}

// InboxFrom is the inbox that a call is made for.
func InboxFrom(ctx context.Context) (Inbox, bool) {
	in, ok := ctx.Value(inboxKey{}).(Inbox)
	return in, ok
}

// Asking marks calls made under ctx as a Namer's: they say nothing to anybody, and
// belong to no reply.
func Asking(ctx context.Context) context.Context { return context.WithValue(ctx, askKey{}, true) }

// IsAsking reports whether a call is a Namer's.
func IsAsking(ctx context.Context) bool { return ctx.Value(askKey{}) != nil }
