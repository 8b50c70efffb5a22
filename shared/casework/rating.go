package casework

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"ines/shared/message"
	"ines/shared/policy"
)

// Rating is how content the customer was, and how far asking him has come.
type Rating struct {
	Score int       `json:"score,omitempty"` // 1 to 5; 0: none yet
	Due   time.Time `json:"due,omitzero"`    // when he will be asked
	Asked time.Time `json:"asked,omitzero"`  // once a case, whatever comes of it
	// Until is how long an answer in Thread is taken for a rating.
	Thread string    `json:"thread,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Rate writes down how content the customer was, as he told a colleague.
type Rate struct {
	By    string
	Score int
	Text  string
}

func (Rate) command() {}

func (c *Case) applyRating(at time.Time, e Event) {
	switch e := e.(type) {
	case RatingPlanned:
		c.Rated.Due = e.Due
	case RatingSpared:
		c.Rated.Due = time.Time{}
	case RatingAsked:
		c.Rated.Due, c.Rated.Asked, c.Rated.Thread, c.Rated.Until = time.Time{}, at, e.Thread, e.Until
	case Rated:
		c.Rated.Score, c.Rated.Due = e.Score, time.Time{}
	case Reopened, MergedInto:
		// From now on a number may answer what a colleague asks.
		c.Rated.Due, c.Rated.Until = time.Time{}, time.Time{}
	}
}

func (d *draft) rate(r Rate) error {
	switch {
	case r.Score < 1 || r.Score > 5:
		return refuse(CodeInvalid, "A rating is a number from 1 to 5.")
	case d.c.Rated.Score != 0:
		return refuse(CodeInvalid, "The customer has rated this already, with %d.", d.c.Rated.Score).with("score", d.c.Rated.Score)
	}
	d.emit(Rated{Score: r.Score, Text: strings.TrimSpace(r.Text), Colleague: d.c.LastHelper})
	return nil
}

// sampled draws a case for being asked about, always the same way.
func sampled(id string, percent int) bool {
	sum := sha256.Sum256([]byte("rating " + id))
	return binary.BigEndian.Uint64(sum[:])%100 < uint64(percent)
}

// planRating decides at the end of a case whether the customer will be asked.
func (d *draft) planRating() {
	r, c := d.env.Policy.Ratings, d.c
	if r.Ask == 0 || c.Rated.Score != 0 || !c.Rated.Asked.IsZero() || !sampled(c.ID, r.Ask) {
		return
	}
	if reason := d.unratable(); reason != "" {
		d.spareRating(reason)
		return
	}
	due := d.env.Now.Add(r.After)
	d.emit(RatingPlanned{Due: due, Why: ratingWhy("planned", fmt.Sprintf("The case was drawn among the %d of a hundred that are asked about: the customer is asked at %s.", r.Ask, d.stamp(due)), r)})
}

func ratingWhy(outcome, text string, r policy.Ratings) policy.Explanation {
	return policy.Explanation{Decision: "rating", Outcome: outcome, Rule: "ratings", Text: text, Facts: map[string]any{"ask": r.Ask}}
}

func (d *draft) spareRating(reason string) {
	d.emit(RatingSpared{Why: ratingWhy("none", "The customer is not asked how it was: "+reason+".", d.env.Policy.Ratings)})
}

// unratable is why the customer should not be asked, "" if he may be.
func (d *draft) unratable() string {
	c := d.c
	switch {
	case c.MergedInto != "":
		return "the case is part of another one"
	case len(c.FollowedBy) > 0:
		return "another case goes on with it"
	case c.About.Kind == "spam":
		return "it was spam"
	case c.Answers == 0:
		return "no person has answered him"
	}
	for _, s := range c.Sendings {
		if !s.Notice {
			return "nobody knows yet that our answer has reached him"
		}
	}
	return ""
}

// askRating asks the customer, once, when the time has come.
func (d *draft) askRating() {
	c, r := d.c, d.env.Policy.Ratings
	if c.Rated.Due.IsZero() || d.env.Now.Before(c.Rated.Due) {
		return
	}
	reason := d.unratable()
	if r.Ask == 0 {
		reason = "the desk asks nobody any more"
	}
	t, ok := c.ratingThread()
	if reason == "" && !ok {
		reason = "he has written in public only, where nobody is asked"
	}
	if reason != "" {
		d.spareRating(reason)
		return
	}
	language := d.spoken(c.About.Language)
	brand, _ := d.env.Policy.Brand(c.Brand)
	text := d.filled(r.Question(language), "") + "\n\n" + strings.ReplaceAll(brand.AutomaticSign(language), "{brand}", brand.Name)
	reply, err := d.request(t, outgoing{text: text, notice: true, automatic: true})
	if err != nil {
		d.spareRating(strings.TrimSuffix(err.(*Refusal).Detail, "."))
		return
	}
	d.emit(RatingAsked{Thread: t.ID, Reply: reply, Until: d.env.Now.Add(r.Within),
		Why: ratingWhy("asked", fmt.Sprintf("The case was drawn among the %d of a hundred that are asked about.", r.Ask), r)})
}

// ratingThread is the private thread in which the customer himself wrote last.
func (c *Case) ratingThread() (last Thread, ok bool) {
	for _, t := range c.Threads {
		mine := t.Visibility == message.Private && !t.LastInbound.IsZero() && c.IsCustomer(t.With)
		if mine && (!ok || t.ID == c.LastThread || last.ID != c.LastThread && t.LastInbound.After(last.LastInbound)) {
			last, ok = t, true
		}
	}
	return last, ok
}

// hearRating takes a message of the customer's for his answer to the question, if it
// is one. done says that there is nothing else to do about it: a number and kind words
// open nothing. The first number counts.
func (d *draft) hearRating(r Receive, thread string) (done bool) {
	asked, m := d.c.Rated, r.Message
	if asked.Thread != thread || r.Again || m.Automatic || !d.env.Now.Before(asked.Until) || !m.SentAt.Before(asked.Until) {
		return false
	}
	score, comment, ok := RatingIn(m.Text)
	if !ok {
		return false
	}
	if asked.Score == 0 {
		d.emit(Rated{Score: score, Text: comment, Colleague: d.c.LastHelper, Message: m.ID, Thread: thread})
	}
	return !wantsMore(r.About, score, comment)
}

// wantsMore reports whether words beside a rating want something: whoever complains
// with a 1 or 2 is not done with.
func wantsMore(a About, score int, comment string) bool {
	if comment == "" {
		return false
	}
	if _, person := AsksForPerson(comment); person {
		return true
	}
	switch a.Kind {
	case "request", "question":
		return true
	case "complaint":
		return score <= 2 || a.Urgency == "now"
	case "":
		return score <= 2 || a.Urgency == "now" || asking(comment)
	}
	return a.Urgency == "now"
}
