// Command bootstrap serves the function clock to Lambda.
package main

import (
	"time"

	"ines/functions/clock"
	"ines/functions/cloud"
	"ines/infra/plan"
)

func main() {
	cloud.Serve(plan.Clock, func(c *cloud.Cloud) (any, error) {
		return clock.New(clock.Config{Docket: c.Docket, Queue: c.Queues, Now: time.Now, Log: c.Log}).Handle, nil
	})
}
