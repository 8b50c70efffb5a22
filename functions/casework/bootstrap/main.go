// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function casework to Lambda.
package main

import (
	"time"

	"ines/functions/casework"
	"ines/functions/cloud"
	"ines/infra/plan"
)

func main() {
	cloud.Serve(plan.Casework, func(c *cloud.Cloud) (any, error) {
		return casework.New(casework.Config{Docket: c.Docket, Postpone: c.Queues, Now: time.Now, Log: c.Log}).Handle, nil
	})
}
