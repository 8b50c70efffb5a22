package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"ines/infra/plan"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/lambdahttp"
	"ines/shared/secret"
)

// freshen makes a saved request one that the platform might send now: times moved,
// signed with the inbox's secret.
func (r replayer) freshen(ctx context.Context, o outcome, saved lambdahttp.Request) (lambdahttp.Request, error) {
	in, ok := r.desk.Inbox(o.inbox)
	if !ok || in.Channel != o.channel {
		return saved, fmt.Errorf("the policy has no %s inbox %q; --as-saved posts it all the same", o.channel, o.inbox)
	}
	ch, _ := registry.Find(in.Channel)
	alive, ok := ch.(channel.Saved)
	if !ok {
		return saved, fmt.Errorf("saved events of %s can only be posted --as-saved", in.Channel)
	}
	var (
		secrets channel.Secrets
		err     error
	)
	if secrets.Sign, err = r.secrets.Values(ctx, secret.Sign, in.ID); err != nil {
		return saved, err
	}
	if secrets.Verify, err = r.secrets.Values(ctx, secret.Verify, in.ID); err != nil && !errors.Is(err, secret.ErrMissing) {
		return saved, err
	}
	// Twilio signs the address under which platforms see the desk.
	inbox := docket.InboxAt(in, cmp.Or(strings.TrimSuffix(os.Getenv(plan.EnvPublicURL), "/"), r.to))
	req := channel.Request{Method: saved.Method, Query: saved.Query, Header: saved.Header, Body: saved.Body}
	if req, err = alive.Freshen(inbox, req, r.now()); err != nil {
		return saved, fmt.Errorf("freshen: %w", err)
	}
	if req, err = alive.Sign(inbox, secrets, req, r.now()); err != nil {
		return saved, fmt.Errorf("sign: %w", err)
	}
	saved.Method, saved.Query, saved.Header, saved.Body = req.Method, req.Query, req.Header, req.Body
	return saved, nil
}
