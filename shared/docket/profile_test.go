package docket_test

import (
	"errors"
	"testing"

	"ines/shared/casework"
)

// A profile goes with the customer, and nobody writes him another.
func TestErasureTakesTheProfile(t *testing.T) {
	g := digGrave(t)
	tag := func(p *casework.Profile) { p.Tags, p.Name = []string{"tag-of-mia"}, "Mia Winterbourne" }
	if _, err := g.SetProfile(g.ctx(), g.customer, tag, nil); err != nil {
		t.Fatal(err)
	}
	if p, err := g.Profile(g.ctx(), g.customer); err != nil || p.IsZero() {
		t.Fatalf("profile %+v, %v", p, err)
	}
	g.erase(g.Docket)
	g.holds("after the erasure", "tag-of-mia", "Winterbourne")
	_, err := g.SetProfile(g.ctx(), g.customer, tag, nil)
	if r := (*casework.Refusal)(nil); !errors.As(err, &r) || r.Code != casework.CodeErased {
		t.Errorf("written again: %v", err)
	}
	g.holds("after a late profile", "tag-of-mia")
}
