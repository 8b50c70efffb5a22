package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	. "ines/functions/desk/markup"

	"ines/shared/docket"
	"ines/shared/policy"
)

// figuresPage is how the desk stands now, and how it did of late.
type figuresPage struct {
	page
	Now      time.Time
	At       string // now, by the clock beside whoever looks
	Queues   []queueJSON
	Team     []meAnswer
	Periods  []link
	Clocks   []clockFigures
	Channels []docket.Parity
	Promises []docket.PromiseCount
}

// clockFigures are how one service clock was met in a community, on all channels.
type clockFigures struct {
	Community, Clock  string
	Met, Missed, Late int64
}

func (d *Desk) figuresPage(w http.ResponseWriter, r *http.Request, who policy.Colleague) (err error) {
	now := d.now()
	p := figuresPage{page: d.page("Figures", who), Now: now, At: at(now, now, cmp.Or(viewerZone(r), d.policy.DayZone())).Words}
	var days int
	p.Periods, days = periods(r, "figures")
	if p.Queues, err = d.queues(r, now); err != nil {
		return err
	}
	for _, c := range d.policy.Colleagues {
		if !slices.ContainsFunc(c.Departments, func(id string) bool { return slices.Contains(who.Departments, id) }) {
			continue
		}
		me, err := d.me(r, c)
		if err != nil {
			return err
		}
		p.Team = append(p.Team, me)
	}
	period := docket.Period{From: now.AddDate(0, 0, 1-days), To: now}
	service, err := d.docket.ServiceReport(r.Context(), period)
	if err != nil {
		return err
	}
	for _, s := range service {
		i := slices.IndexFunc(p.Clocks, func(c clockFigures) bool { return c.Community == s.Community && c.Clock == s.Clock })
		if i < 0 {
			i, p.Clocks = len(p.Clocks), append(p.Clocks, clockFigures{Community: s.Community, Clock: s.Clock})
		}
		c := &p.Clocks[i]
		c.Met, c.Missed, c.Late = c.Met+s.Met, c.Missed+s.Missed, c.Late+s.Late
	}
	if p.Channels, _, err = d.docket.ParityReport(r.Context(), period); err != nil {
		return err
	}
	if p.Promises, err = d.docket.PromiseReport(r.Context(), period); err != nil {
		return err
	}
	p.Promises = slices.DeleteFunc(p.Promises, func(c docket.PromiseCount) bool { return c.Made+c.Kept+c.Late+c.Broken == 0 })
	for i, pr := range p.Promises {
		p.Promises[i].Department = d.departmentName(pr.Department)
	}
	d.render(w, http.StatusOK, p.html())
	return nil
}

func (p *figuresPage) html() Node {
	return p.wide(
		Div(Class("top"), H1(Text("Figures"))),
		// All that waits is read for it: that is done when somebody asks.
		Div(Class("voices"),
			ledger("h-queues", "Who waits, at "+p.At, "", []string{"Department", "Waiting", "Longest", "In, out an hour", "At this pace"}, rowsOf(p.Queues, p.queue)),
			ledger("h-team", "Your departments’ people", "You are in no department.", []string{"Colleague", "Now", "Cases"}, rowsOf(p.Team, func(c *meAnswer) []string {
				return []string{c.Name, either(c.State == docket.StateAvailable, "here", "away"), fmt.Sprintf("%d of %d", c.Held, c.Capacity)}
			}))),
		choices("filters", "Period", p.Periods),
		Div(Class("voices"),
			ledger("h-service", "Answers in time", "Nothing fell due.", []string{"What was owed", "In time", "Missed", "Made good"}, rowsOf(p.Clocks, func(c *clockFigures) []string {
				return []string{cmp.Or(owed[c.Clock], c.Clock) + ", " + c.Community, number(c.Met), number(c.Missed), number(c.Late)}
			})),
			ledger("h-parity", "First answers by channel", "Nobody was answered.", []string{"Channel", "Answered", "Half within", "9 of 10 within"}, rowsOf(p.Channels, func(c *docket.Parity) []string {
				return []string{channelName(c.Channel), number(c.Answered), seconds(c.Median), seconds(c.P90)}
			})),
			ledger("h-kept", "Promises", "Nothing was promised.", []string{"Department", "Made", "Kept", "Late", "Broken"}, rowsOf(p.Promises, func(c *docket.PromiseCount) []string {
				return []string{c.Department, number(c.Made), number(c.Kept), number(c.Late), number(c.Broken)}
			}))))
}

// queue is a row of who waits; the bottleneck is said to be one.
func (p *figuresPage) queue(q *queueJSON) []string {
	waiting, longest, pace := strconv.Itoa(q.Waiting)+either(q.AtLeast, " or more", ""), "", ""
	if q.Oldest != nil {
		longest = span(p.Now.Sub(*q.Oldest))
	}
	switch {
	case q.PredictedWait != nil && q.Waiting > 0:
		pace = "done in " + seconds(*q.PredictedWait)
	case q.Waiting > 0:
		pace = "nothing is resolved"
	}
	return []string{q.Name + either(q.Bottleneck, ": the bottleneck", ""), waiting, longest, fmt.Sprintf("%.0f, %.0f", q.ArrivalRate, q.ServiceRate), pace}
}

func seconds(s float64) string { return span(time.Duration(s * float64(time.Second))) }
