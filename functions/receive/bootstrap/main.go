// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function receive to Lambda.
package main

import (
	"time"

	"ines/functions/cloud"
	"ines/functions/receive"
	"ines/infra/plan"
	"ines/shared/channel/registry"
)

func main() {
	cloud.Serve(plan.Receive, func(c *cloud.Cloud) (any, error) {
		return receive.New(receive.Config{Policy: c.Policy, Find: registry.Find, Secrets: c.Secrets, Queue: c.Queues, Archive: c.Archive,
			Now: time.Now, PublicURL: c.URL(plan.EnvPublicURL), Log: c.Log}).Handle, nil
	})
}
