package classify

import (
	"context"
	"log/slog"
	"time"

	"ines/shared/aws"
	"ines/shared/casework"
	"ines/shared/classify/bedrock"
	"ines/shared/docket"
	"ines/shared/policy"
)

// SecondOpinion makes whom the function asks about topics that the classifier is not
// sure of: nobody (nil) unless the policy names a model. The day's budget is counted
// in the table, so that all instances share it.
func SecondOpinion(desk *policy.Desk, to aws.Config, calls *docket.Docket, now func() time.Time, log *slog.Logger) *bedrock.Asker {
	b := desk.Learning.Bedrock
	if b.Model == "" {
		return nil
	}
	if b.Region != "" {
		to.Region = b.Region
	}
	c := bedrock.Config{AWS: to, Model: b.Model, Timeout: b.Timeout, Now: now, Log: log,
		Spend: func(ctx context.Context) (bool, error) { return calls.Use(ctx, "bedrock", b.PerDay, now()) }}
	for _, t := range desk.Topics {
		c.Topics = append(c.Topics, bedrock.Topic{ID: t.ID, Name: t.Name})
	}
	return bedrock.New(c)
}

// reconsider asks for a second opinion on the messages of a batch whose topic the
// classifier abstained on, all in one go. What comes back is never sure enough for a
// machine to act on.
func (f *Classify) reconsider(ctx context.Context, work []piece) {
	if f.Second == nil {
		return
	}
	var open []int
	var questions []bedrock.Question
	for i, w := range work {
		if m := w.in.Item.Message; w.abstained && m != nil {
			open, questions = append(open, i), append(questions, bedrock.Question{Subject: m.Subject, Text: m.Text})
		}
	}
	for j, topic := range f.Second.Topics(ctx, questions) {
		if about := &work[open[j]].in.About; topic != "" {
			about.Topic, about.TopicBy, about.TopicP, about.TopicSure, about.TopicForeign = topic, casework.TopicByOpinion, 0, false, false
		}
	}
}
