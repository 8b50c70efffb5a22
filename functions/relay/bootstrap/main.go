// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function relay to Lambda.
package main

import (
	"ines/functions/cloud"
	"ines/functions/relay"
	"ines/infra/plan"
	"ines/shared/channel/registry"
	"ines/shared/feed/eventbridge"
)

func main() {
	cloud.Serve(plan.Relay, func(c *cloud.Cloud) (any, error) {
		bus := eventbridge.Bus{AWS: c.AWS, Name: c.Variable(plan.EnvBus), Source: plan.Default().Bus.Source}
		return relay.New(relay.Config{Docket: c.Docket, Policy: c.Policy, Find: registry.Find, Queue: c.Queues, Feeds: bus, Log: c.Log}).Handle, nil
	})
}
