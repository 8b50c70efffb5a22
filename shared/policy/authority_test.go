package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const authorityDesk = `
brands: [{id: northline}]
communities: [{id: northline-en, brand: northline, languages: [en], hours: {zone: Europe/London, mon-sun: ["00:00-24:00"]}}]
inboxes: [{id: northline-x, channel: x, account: "2244994945", community: northline-en}]
departments: [{id: care, default: true}]
colleagues:
  - {id: ines, name: Ines Silva}
  - {id: noor, name: Noor Haddad, roles: [agent, lead]}
  - {id: tom, name: Tom Reed, roles: [lead]}
  - {id: ruth, name: Ruth Calder, roles: [admin]}
authority:
  - {action: refund, role: agent, up_to: [150 GBP, 20000 JPY], per_day: [400 GBP, 50000 JPY], approved_by: [lead]}
  - {action: refund, role: lead, up_to: [1000 GBP], approved_by: [admin]}
  - {action: rebook, role: agent}
  - {action: voucher, role: lead, up_to: [50 GBP]}
`

func gbp(t interface{ Fatal(...any) }, amount string) Money {
	m, err := ParseMoney(amount, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAuthorityByRoleCaseDayAndCurrency(t *testing.T) {
	d := parse(t, authorityDesk)
	money := func(amount, currency string) Money {
		m, err := ParseMoney(amount, currency)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, tt := range map[string]struct {
		ask       Ask
		allowed   bool
		approvers string
		why       string
	}{
		"within":               {Ask{"ines", "refund", gbp(t, "150"), Money{}, Money{}}, true, "", "authority[0]"},
		"a penny over":         {Ask{"ines", "refund", gbp(t, "150.01"), Money{}, Money{}}, false, "noor tom ruth", "up to 150.00 GBP a case"},
		"the case adds up":     {Ask{"ines", "refund", gbp(t, "50.01"), gbp(t, "100"), Money{}}, false, "noor tom ruth", "this case has had 100.00 GBP"},
		"the day adds up":      {Ask{"ines", "refund", gbp(t, "100.01"), Money{}, gbp(t, "300")}, false, "noor tom ruth", "today has had 300.00 GBP"},
		"other currency":       {Ask{"ines", "refund", money("20000", "JPY"), Money{}, Money{}}, true, "", ""},
		"no limit named":       {Ask{"ines", "refund", money("1", "EUR"), Money{}, Money{}}, false, "noor tom ruth", "no limit in EUR"},
		"above the lead":       {Ask{"ines", "refund", gbp(t, "1000.01"), Money{}, Money{}}, false, "ruth", "up to 150.00 GBP"},
		"two roles":            {Ask{"noor", "refund", gbp(t, "900"), Money{}, Money{}}, true, "", "authority[1]"},
		"a lead's own":         {Ask{"tom", "refund", gbp(t, "1001"), Money{}, Money{}}, false, "ruth", "up to 1000.00 GBP"},
		"no limits at all":     {Ask{"ines", "rebook", Money{}, Money{}, Money{}}, true, "", "authority[2]"},
		"no rule for the role": {Ask{"ines", "voucher", gbp(t, "10"), Money{}, Money{}}, false, "noor tom ruth", "no rule gives this to agent"},
	} {
		t.Run(name, func(t *testing.T) {
			got := d.May(tt.ask)
			if got.Allowed != tt.allowed || strings.Join(got.Approvers, " ") != tt.approvers || !strings.Contains(got.Why.Text, tt.why) && got.Why.Rule != tt.why {
				t.Errorf("got %+v", got)
			}
		})
	}
	ask := Ask{Colleague: "ines", Action: "refund", Amount: gbp(t, "900")}
	if !d.DayAllows("tom", ask, gbp(t, "5000")) || !d.DayAllows("noor", ask, gbp(t, "400")) {
		t.Error("a lead's day has no limit here, also where he is an agent besides")
	}
	day := parse(t, strings.Replace(authorityDesk, "up_to: [1000 GBP]", "up_to: [1000 GBP], per_day: [1500 GBP]", 1))
	if !day.DayAllows("tom", ask, gbp(t, "600")) || day.DayAllows("tom", ask, gbp(t, "600.01")) || !day.DayAllows("ruth", ask, gbp(t, "600.01")) {
		t.Error("a day's limit is not that of the role that says yes")
	}
}

// Whatever is asked by whomever: nobody may say yes to himself, and what a rule
// allows doesn't grow with what was given before.
func TestNobodyApprovesHisOwnWhateverTheAsk(t *testing.T) {
	d := parse(t, authorityDesk)
	rapid.Check(t, func(rt *rapid.T) {
		amount := func(name string) Money {
			return Money{rapid.Int64Range(1, 2000*unitsPerOne).Draw(rt, name), rapid.SampledFrom([]string{"GBP", "EUR", "JPY"}).Draw(rt, "currency")}
		}
		a := Ask{Colleague: rapid.SampledFrom([]string{"ines", "noor", "tom", "ruth"}).Draw(rt, "who"),
			Action: rapid.SampledFrom([]string{"refund", "rebook", "voucher", "else"}).Draw(rt, "action"), Amount: amount("amount")}
		fresh := d.May(a)
		if d.MayApprove(a.Colleague, a) {
			rt.Fatal("his own")
		}
		for _, id := range fresh.Approvers {
			if id == a.Colleague {
				rt.Fatal("his own")
			}
		}
		a.InCase = Money{rapid.Int64Range(0, 2000*unitsPerOne).Draw(rt, "in case"), a.Amount.Currency}
		a.Today = Money{rapid.Int64Range(0, 2000*unitsPerOne).Draw(rt, "today"), a.Amount.Currency}
		if later := d.May(a); later.Allowed && !fresh.Allowed {
			rt.Fatalf("%+v is allowed after more was given", a)
		}
	})
}

func TestMoneyIsExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := Money{rapid.Int64Range(1, maxWhole).Draw(rt, "hundredths") * 100, "GBP"}
		again, err := ParseMoney(m.Amount(), m.Currency)
		if err != nil || again != m {
			rt.Fatalf("%v is read as %v, %v", m, again, err)
		}
		b, err := json.Marshal(m)
		if err != nil {
			rt.Fatal(err)
		}
		var back Money
		if err := json.Unmarshal(b, &back); err != nil || back != m {
			rt.Fatalf("%s is %v, %v", b, back, err)
		}
	})
	for in, want := range map[string]string{"200 GBP": "200.00 GBP", "0.1 GBP": "0.10 GBP", "20000 JPY": "20000 JPY", "1.5 BHD": "1.500 BHD", "0.10 EUR": "0.10 EUR"} {
		amount, currency, _ := strings.Cut(in, " ")
		m, err := ParseMoney(amount, currency)
		if err != nil || m.String() != want {
			t.Errorf("%s is %s, %v", in, m, err)
		}
	}
	sum := Money{}
	for range 10 {
		sum = sum.Plus(gbp(t, "0.10"))
	}
	if sum != gbp(t, "1") {
		t.Errorf("ten times 0.10 is %s", sum)
	}
	for _, bad := range []string{"-1 GBP", "1e3 GBP", "1,5 GBP", ".5 GBP", "1. GBP", "0.001 GBP", "0 GBP", "1 gbp", "1 POUNDS", "1000000000000000 GBP", " GBP", "1 ", "٣ GBP"} {
		amount, currency, _ := strings.Cut(bad, " ")
		if m, err := ParseMoney(amount, currency); err == nil {
			t.Errorf("%q is taken as %s", bad, m)
		}
	}
}

func TestWithoutSectionsTheLadderAndTheLimitsAreGood(t *testing.T) {
	d := load(t, "testdata/working_design_example.yaml")
	if got := d.Ladder(OnFirstAnswer); len(got) != 3 || got[0].Do != StepRemind || got[1].Do != StepHandOver || got[2].Do != StepTellLead {
		t.Errorf("ladder %+v", got)
	}
	if got := d.Ladder(OnApproval); len(got) != 2 {
		t.Errorf("an approval's ladder %+v", got)
	}
	if got := d.May(Ask{Colleague: "ines", Action: "refund", Amount: gbp(t, "1")}); got.Allowed || strings.Join(got.Approvers, " ") != "tom" {
		t.Errorf("an agent's refund: %+v", got)
	}
	if got := d.May(Ask{Colleague: "ines", Action: "rebook"}); !got.Allowed {
		t.Errorf("an agent's rebooking: %+v", got)
	}
}
