// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function classify to Lambda.
package main

import (
	"time"

	"ines/functions/classify"
	"ines/functions/cloud"
	"ines/infra/plan"
	"ines/shared/channel/registry"
)

func main() {
	cloud.Serve(plan.Classify, func(c *cloud.Cloud) (any, error) {
		learned, err := classify.Bundled{Policy: c.Policy, Words: c.Bundled(plan.BundledWords), Heads: c.Bundled(plan.BundledHeads)}.Classifier()
		if err != nil {
			return nil, err
		}
		deposits, err := classify.Deposits(c.AWS, c.Variable(plan.EnvMail), c.Variable(plan.EnvMailOwner))
		if err != nil {
			return nil, err
		}
		return classify.New(classify.Config{Policy: c.Policy, Find: registry.Find, Classifier: learned, Docket: c.Docket,
			Archive: c.Archive, Deposits: deposits, Queue: c.Queues, Postpone: c.Queues, Metrics: c.Metrics,
			Second: classify.SecondOpinion(c.Policy, c.AWS, c.Docket, time.Now, c.Log), Log: c.Log}).Handle, nil
	})
}
