package channel

import "context"

type inboxKey struct{}

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
