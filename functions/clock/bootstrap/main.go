// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function clock to Lambda.
package main

import (
	"time"

	"ines/functions/clock"
	"ines/functions/cloud"
	"ines/infra/plan"
	"ines/shared/erasure"
)

func main() {
	cloud.Serve(plan.Clock, func(c *cloud.Cloud) (any, error) {
		eraser := &erasure.Eraser{Docket: c.Docket, Archive: c.Archive, Now: time.Now, Log: c.Log}
		return clock.New(clock.Config{Docket: c.Docket, Queue: c.Queues, Eraser: eraser, Now: time.Now, Log: c.Log}).Handle, nil
	})
}
