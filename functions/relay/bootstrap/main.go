// Command bootstrap serves the function relay to Lambda.
package main

import (
	"ines/functions/cloud"
	"ines/functions/relay"
	"ines/infra/plan"
)

func main() {
	cloud.Serve(plan.Relay, func(c *cloud.Cloud) (any, error) {
		return relay.New(relay.Config{Docket: c.Docket, Queue: c.Queues, Log: c.Log}).Handle, nil
	})
}
