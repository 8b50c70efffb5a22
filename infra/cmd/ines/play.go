package main

import (
	"context"
	"fmt"
	"time"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/shared/channel/registry"
	"ines/shared/policy"
	"ines/shared/secret"
)

// begins is when the desk's clock must start for a story to end about now.
func begins(s *story.Story) time.Time { return time.Now().Add(-story.Duration(s)) }

// playOnce plays a story to a desk that has no cases yet, and prints what came of
// it. A desk that has cases is left alone.
func playOnce(ctx context.Context, t terminal, host *local.Host, desk *policy.Desk, secrets secret.Source, s *story.Story) error {
	fresh, err := host.Fresh(ctx)
	if err != nil {
		return err
	}
	how := story.Player{BaseURL: host.URL(), PublicURL: host.PublicURL(), Desk: desk, Secrets: secrets, Find: registry.Find}
	if fresh {
		if err := story.Play(ctx, how, s); err != nil {
			return fmt.Errorf("the story %q: %w", s.Title, err)
		}
		fmt.Fprintf(t.out, "\n%s\n", s.Title)
		if err := story.Tell(ctx, how, t.out); err != nil {
			return err
		}
	}
	fmt.Fprintf(t.out, "\nThe console: %s/   (stop with Ctrl-C)\n", host.URL())
	return nil
}
