// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function reply to Lambda.
package main

import (
	"net/http"
	"time"

	"ines/functions/cloud"
	"ines/functions/reply"
	"ines/infra/plan"
	"ines/shared/attachment"
	"ines/shared/channel/registry"
)

func main() {
	cloud.Serve(plan.Reply, func(c *cloud.Cloud) (any, error) {
		// Platforms answer themselves or not at all: a redirect is no place for a token.
		client := &http.Client{Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		return reply.New(reply.Config{Docket: c.Docket, Policy: c.Policy, Find: registry.Find, Secrets: c.Secrets, Queue: c.Queues, Postpone: c.Queues,
			HTTP: client, Files: attachment.Client(), Archive: c.Archive, Now: time.Now, PublicURL: c.URL(plan.EnvPublicURL),
			Role: c.AWS.Token, Metrics: c.Metrics, Log: c.Log}).Handle, nil
	})
}
