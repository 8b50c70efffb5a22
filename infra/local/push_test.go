package local_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ines/infra/local"
	"ines/shared/policy/policyfile"
)

const pushing = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en]}]
inboxes: [{id: northline-x, channel: x, account: "2244994945", community: northline-en}]
departments: [{id: care, default: true, push: true}]
colleagues:
  - {id: ines, name: Ines Silva, capacity: 1}
  - {id: tom, name: Tom Reed, capacity: 1}
`

// Push, the whole way: a message comes in and the desk gives it to who is there, who
// lets it lie loses it, and who closes one gets the next.
func TestPushTheWholeWay(t *testing.T) {
	desk, err := policyfile.Parse("push.yaml", []byte(pushing))
	if err != nil {
		t.Fatal(err)
	}
	d, _ := serve(t, t.TempDir(), func(c *local.Config) { c.Desk = desk })
	d.desk = desk
	d.must("POST", "/api/me/presence", `{"state":"available"}`, nil)
	for _, id := range []string{"2080761390344930001", "2080761390344930002"} {
		d.deliver(d.deliveryOf(said{"northline-x", id, "author" + id, id, "@northline where is my refund?", time.Now()}))
		d.settle()
	}
	owners := func() (all []string) {
		for _, c := range d.cases() {
			all = append(all, c.Owner)
		}
		slices.Sort(all)
		return all
	}
	if got := owners(); !slices.Equal(got, []string{"", "ines"}) {
		t.Fatalf("owners: %q", got)
	}
	var hers string
	for _, c := range d.cases() {
		if c.Owner == "ines" {
			hers = c.ID
		}
	}
	if got := strings.Join(kinds(d.timeline(hers)), " "); !strings.Contains(got, "matched assigned") {
		t.Errorf("timeline: %s", got)
	}
	d.must("POST", "/api/cases/"+hers+"/resolve", `{"text":"refunded"}`, nil)
	d.settle()
	var me struct {
		Held  int
		State string
	}
	if d.must("GET", "/api/me", "", &me); me.Held != 1 || me.State != "available" {
		t.Errorf("with room again she has %+v", me)
	}
	d.advance("35m")
	if d.must("GET", "/api/me", "", &me); me.Held != 0 || me.State != "away" {
		t.Errorf("after half an hour of nothing she has %+v", me)
	}
	if o := d.balanced(); o.Outcomes["filed"] != 2 {
		t.Errorf("outcomes: %v", o.Outcomes)
	}
}
