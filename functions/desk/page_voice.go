package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	. "ines/functions/desk/markup"

	"ines/shared/docket"
	"ines/shared/policy"
)

// voicePage is what customers and colleagues said, counted.
type voicePage struct {
	page
	voiceAnswer
	Periods []link
}

// voiceDays are the periods to choose from, in days up to today.
var voiceDays = []int{7, 30, docket.MaxDays}

func (d *Desk) voicePage(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	p := voicePage{page: d.page("Voices", who)}
	var days int
	var err error
	p.Periods, days = periods(r, "voice")
	if p.voiceAnswer, err = d.lastDays(r.Context(), days); err != nil {
		return err
	}
	for i, t := range p.Customers {
		p.Customers[i].Topic = d.topicName(t.Topic)
	}
	d.render(w, http.StatusOK, p.html())
	return nil
}

// periods are those that a page of reports can show, and the days of the one asked for.
func periods(r *http.Request, page string) (all []link, days int) {
	days = voiceDays[0]
	for _, n := range voiceDays {
		if r.URL.Query().Get("days") == strconv.Itoa(n) {
			days = n
		}
	}
	for _, n := range voiceDays {
		all = append(all, link{"Last " + strconv.Itoa(n) + " days", here(page).with(url.Values{"days": {strconv.Itoa(n)}}), n == days})
	}
	return all, days
}

func (d *Desk) lastDays(ctx context.Context, days int) (voiceAnswer, error) {
	now := d.now()
	return d.voice(ctx, docket.Period{From: now.AddDate(0, 0, 1-days), To: now})
}

func (p *voicePage) html() Node {
	return p.wide(
		Div(Class("top"), H1(Text("Voices"))),
		choices("filters", "Period", p.Periods),
		Div(Class("voices"),
			ledger("h-topics", "What customers write about", "Nobody wrote.", []string{"Topic", "Cases", "Unhappy", "Happy"}, rowsOf(p.Customers, func(t *topicVoice) []string {
				return []string{either(t.Topic == "", "none", t.Topic), number(t.Cases), number(t.Negative), number(t.Positive)}
			})),
			ledger("h-rules", "Rules that stopped colleagues", "Nobody was stopped by a rule. Where one stops you, say so at the case.", []string{"Rule", "Times"}, rowsOf(p.Employees, func(v *ruleVoice) []string {
				return []string{either(v.Rule == "", "none named", v.Rule), number(v.Count)}
			})),
			ledger("h-praise", "Thanks", "No customer has thanked anybody by name or deed.", []string{"Colleague", "Thanks"}, rowsOf(p.Praise, func(v *praiseVoice) []string {
				return []string{v.Name, number(v.Count)}
			})),
			ledger("h-ratings", "Ratings", "Nobody has said yet how it was.", []string{"Score", "Cases"}, rowsOf(p.rated(), func(v *ratingVoice) []string {
				return []string{strconv.Itoa(v.Score) + " of 5", number(v.Count)}
			}))))
}

// rated are the ratings, the best first; none if nobody rated.
func (p *voicePage) rated() []ratingVoice {
	best := slices.Clone(p.Ratings)
	slices.Reverse(best)
	if !slices.ContainsFunc(best, func(v ratingVoice) bool { return v.Count > 0 }) {
		return nil
	}
	return best
}

// ledger is a table; its rows begin with what is counted.
func ledger(id, heading, none string, columns []string, rows [][]string) Node {
	if len(rows) == 0 {
		return card(id, heading, P(Class("muted"), Text(none)))
	}
	return card(id, heading, Table(Aria("labelledby", id),
		THead(Tr(Map(columns, func(c string) Node { return Th(Scope("col"), Text(c)) }))),
		TBody(Map(rows, func(all []string) Node {
			return Tr(Th(Scope("row"), Text(all[0])), Map(all[1:], func(c string) Node { return Td(Text(c)) }))
		}))))
}

// rowsOf are the rows of a ledger.
func rowsOf[T any](all []T, cells func(*T) []string) [][]string {
	rows := make([][]string, len(all))
	for i := range all {
		rows[i] = cells(&all[i])
	}
	return rows
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
