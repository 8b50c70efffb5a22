package main

import (
	"context"

	"ines/infra/plan"
	"ines/infra/plan/model"
)

const modelUsage = "model [--rate 500] [--minutes 10] [--backlog 50000] [--new-cases 0.2] [--inboxes 15]"

// modelLoad prints what a load does to a stack of default quotas, and what it costs.
func modelLoad(_ context.Context, t terminal, args []string) error {
	fs := flags(t, "model")
	rate := fs.Float64("rate", 500, "`messages` a second")
	minutes := fs.Float64("minutes", 10, "how many `minutes`")
	backlog := fs.Float64("backlog", 50000, "`messages` that wait when it begins")
	newCases := fs.Float64("new-cases", model.NewCases, "the `part` of the messages that open a case, 0 to 1")
	inboxes := fs.Int("inboxes", 15, "how many `inboxes` the desk has")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return usagef("%q is too much", rest[0])
	case !(*rate > 0 && *rate <= 1e6 && *minutes > 0 && *minutes <= 1e6 && *backlog >= 0 && *backlog <= 1e9 && *newCases >= 0 && *newCases <= 1 && *inboxes >= 0 && *inboxes <= 1e5):
		return usagef("rate and minutes must be above 0 and up to 1,000,000, backlog from 0 to 1,000,000,000, new-cases from 0 to 1, inboxes from 0 to 100,000")
	}
	load := model.Load{Rate: *rate, Seconds: *minutes * 60, Backlog: *backlog, NewCases: *newCases}
	if err := model.Tell(t.out, plan.Default(), load); err != nil {
		return err
	}
	if err := model.TellSecrets(t.out, plan.Default(), load, *inboxes); err != nil {
		return err
	}
	return model.TellStanding(t.out, plan.Default(), *inboxes)
}
