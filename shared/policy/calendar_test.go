package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// calendar reads hours as they stand in a policy file.
func calendar(t interface {
	Helper()
	Fatal(...any)
}, hours string) *Calendar {
	t.Helper()
	d, err := Parse("desk.yaml", []byte(`
brands: [{id: a}]
communities: [{id: a, brand: a, languages: [en], hours: {`+hours+`}}]
inboxes: [{id: a, channel: x, account: "1", community: a}]
departments: [{id: a, default: true}]
colleagues: [{id: a, name: A}]
`))
	if err != nil {
		t.Fatal(err)
	}
	return d.Communities[0].Hours
}

const office = `zone: Europe/London, mon-fri: ["08:00-20:00"], sat: ["09:00-13:00", "14:00-17:00"], holidays: [2026-12-25]`

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAdd(t *testing.T) {
	const night = `zone: Europe/London, mon: ["22:00-24:00"], tue: ["00:00-06:00"]`
	const small = `zone: Europe/London, sun: ["00:30-02:30"]`
	for name, tt := range map[string]struct {
		hours, from string
		open        time.Duration
		want        string
	}{
		"within a day":              {office, "2026-11-20T09:00:00Z", time.Hour, "2026-11-20T10:00:00Z"},
		"until the bell":            {office, "2026-11-20T19:00:00Z", time.Hour, "2026-11-20T20:00:00Z"},
		"over night":                {office, "2026-11-19T19:30:00Z", time.Hour, "2026-11-20T08:30:00Z"},
		"over lunch":                {office, "2026-11-21T12:30:00Z", time.Hour, "2026-11-21T14:30:00Z"},
		"over the weekend":          {office, "2026-11-21T16:30:00Z", time.Hour, "2026-11-23T08:30:00Z"},
		"from outside":              {office, "2026-11-22T03:00:00Z", time.Minute, "2026-11-23T08:01:00Z"},
		"over a holiday":            {office, "2026-12-24T19:30:00Z", time.Hour, "2026-12-26T09:30:00Z"},
		"a second at a time":        {office, "2026-11-20T19:59:59Z", 2 * time.Second, "2026-11-21T09:00:01Z"},
		"over a closed sunday":      {office, "2026-11-20T20:00:00Z", 7 * time.Hour, "2026-11-21T17:00:00Z"},
		"many days":                 {office, "2026-11-16T08:00:00Z", 67 * 2 * time.Hour, "2026-11-28T17:00:00Z"},
		"nothing":                   {office, "2026-11-22T03:00:00Z", 0, "2026-11-22T03:00:00Z"},
		"less than nothing":         {office, "2026-11-22T03:00:00Z", -time.Hour, "2026-11-22T03:00:00Z"},
		"another zone's clock":      {office, "2026-11-20T20:00:00+03:00", time.Hour, "2026-11-20T21:00:00+03:00"},
		"until and past midnight":   {night, "2026-11-23T23:00:00Z", 3 * time.Hour, "2026-11-24T02:00:00Z"},
		"midnight itself":           {night, "2026-11-23T23:00:00Z", time.Hour, "2026-11-24T00:00:00Z"},
		"summer time":               {office, "2026-07-01T18:30:00Z", time.Hour, "2026-07-02T07:30:00Z"},
		"the clock is put forward":  {small, "2026-03-29T00:00:00Z", time.Hour, "2026-03-29T01:30:00Z"}, // 00:30–01:00, 02:00–02:30
		"the clock is put back":     {small, "2026-10-24T23:00:00Z", 3 * time.Hour, "2026-10-25T02:30:00Z"},
		"always open":               {"", "2026-10-24T23:00:00Z", time.Hour, "2026-10-25T00:00:00Z"},
		"longer than anybody waits": {office, "2026-01-01T00:00:00Z", 1 << 62, "2046-01-16T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			var c *Calendar
			if tt.hours != "" {
				c = calendar(t, tt.hours)
			}
			got := c.Add(moment(t, tt.from), tt.open)
			if got.Format(time.RFC3339) != tt.want {
				t.Errorf("Add(%s, %s) = %s, want %s", tt.from, tt.open, got.Format(time.RFC3339), tt.want)
			}
		})
	}
}

func TestBetween(t *testing.T) {
	c := calendar(t, office)
	friday := moment(t, "2026-11-20T19:00:00Z")
	for _, tt := range []struct {
		b    string
		want time.Duration
	}{
		{"2026-11-20T19:00:00Z", 0},
		{"2026-11-20T18:00:00Z", 0},
		{"2026-11-20T19:00:01Z", time.Second},
		{"2026-11-21T09:30:00Z", 90 * time.Minute},
		{"2026-11-23T08:00:00Z", 8 * time.Hour},
		{"2026-11-30T08:00:00Z", 75 * time.Hour},
	} {
		if got := c.Between(friday, moment(t, tt.b)); got != tt.want {
			t.Errorf("until %s: %s, want %s", tt.b, got, tt.want)
		}
	}
	if got := (*Calendar)(nil).Between(friday, friday.Add(time.Hour)); got != time.Hour {
		t.Errorf("always open: %s", got)
	}
	far := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := (*Calendar)(nil).Between(time.Time{}, far); got != horizon {
		t.Errorf("of all time: %s", got)
	}
	if got := c.Between(time.Time{}, far); got <= 0 || got >= horizon {
		t.Errorf("of all time in office hours: %s", got)
	}
}

func TestNoClockIsRead(t *testing.T) {
	if z := (*Calendar)(nil).Zone(); z != time.UTC {
		t.Errorf("zone of no calendar: %v", z)
	}
	if z := calendar(t, office).Zone().String(); z != "Europe/London" {
		t.Errorf("zone %v", z)
	}
}

// The oracle knows only what the wall clock shows and walks minute by minute.
type oracle struct {
	zone     *time.Location
	week     [7][]interval
	holidays []string
}

func (o oracle) open(at time.Time) bool {
	local := at.In(o.zone)
	if slices.Contains(o.holidays, local.Format(time.DateOnly)) {
		return false
	}
	shown := local.Format("15:04")
	for _, in := range o.week[local.Weekday()] {
		// "24:00" sorts behind every time that a clock shows.
		from, until, _ := strings.Cut(in.String(), "-")
		if from <= shown && shown < until {
			return true
		}
	}
	return false
}

func (o oracle) between(a, b time.Time) (sum time.Duration) {
	for at := a; at.Before(b); at = at.Add(time.Minute) {
		if o.open(at) {
			sum += time.Minute
		}
	}
	return sum
}

// Starts lie around the changes of the clock, of 30 minutes on Lord Howe, and
// around the last day of leap years, for which Go says a wrong next change.
var changes = map[string][]string{
	"Europe/London":       {"2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2028-12-31T12:00:00Z"},
	"America/New_York":    {"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2040-12-31T12:00:00Z"},
	"Australia/Lord_Howe": {"2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"},
	"America/Santiago":    {"2026-04-05T03:00:00Z", "2026-09-06T04:00:00Z"}, // changes at midnight
	"Asia/Kathmandu":      {"2026-01-01T00:00:00Z"},
	"Pacific/Apia":        {"2011-12-30T10:00:00Z"}, // left a day out
}

func TestCalendarAgreesWithTheWallClock(t *testing.T) {
	names := sortedKeys(changes)
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(names).Draw(t, "zone")
		change, err := time.Parse(time.RFC3339, rapid.SampledFrom(changes[zone]).Draw(t, "change"))
		if err != nil {
			t.Fatal(err)
		}
		o := oracle{}
		if o.zone, err = time.LoadLocation(zone); err != nil {
			t.Fatal(err)
		}
		hours := []string{"zone: " + zone}
		for i, day := range days {
			edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 0, 6, rapid.ID[int]).Draw(t, day)
			slices.Sort(edges)
			var written []string
			for j := 0; j+1 < len(edges); j += 2 {
				in := interval{edges[j], edges[j+1]}
				o.week[weekday(i)] = append(o.week[weekday(i)], in)
				written = append(written, fmt.Sprintf("%q", in.String()))
			}
			hours = append(hours, fmt.Sprintf("%s: [%s]", day, strings.Join(written, ", ")))
		}
		if !slices.ContainsFunc(o.week[:], func(day []interval) bool { return day != nil }) {
			return
		}
		if rapid.Bool().Draw(t, "holiday") {
			o.holidays = []string{change.AddDate(0, 0, rapid.IntRange(-1, 2).Draw(t, "on")).Format(time.DateOnly)}
			hours = append(hours, "holidays: ["+o.holidays[0]+"]")
		}
		c := calendar(t, strings.Join(hours, ", "))

		from := change.Add(time.Duration(rapid.IntRange(-30*60, 30*60).Draw(t, "from")) * time.Minute)
		until := from.Add(time.Duration(rapid.IntRange(0, 4*24*60).Draw(t, "for")) * time.Minute)
		want := o.between(from, until)
		if got := c.Between(from, until); got != want {
			t.Fatalf("Between(%s, %s) = %s, want %s", from, until, got, want)
		}
		for at := from; at.Before(until); at = at.Add(47 * time.Minute) {
			if c.Open(at) != o.open(at) {
				t.Fatalf("Open(%s) = %v", at, c.Open(at))
			}
		}
		// Add is the first moment by which the time has passed.
		if want == 0 {
			return
		}
		open := time.Duration(rapid.IntRange(1, int(want/time.Minute)).Draw(t, "open")) * time.Minute
		at := c.Add(from, open)
		if got := o.between(from, at); got != open {
			t.Fatalf("until Add(%s, %s) = %s there is %s", from, open, at, got)
		}
		if before := at.Add(-time.Minute); !o.open(before) {
			t.Fatalf("Add(%s, %s) = %s, but %s is closed", from, open, at, before)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	c := calendar(b, office)
	from := time.Date(2026, 11, 20, 19, 30, 0, 0, time.UTC)
	for b.Loop() {
		c.Add(from, 24*time.Hour)
	}
}
