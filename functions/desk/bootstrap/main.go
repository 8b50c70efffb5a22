// Command bootstrap serves the function desk to Lambda.
package main

import (
	"ines/functions/cloud"
	"ines/functions/desk"
	"ines/infra/plan"
	"ines/shared/channel/registry"
	"ines/shared/docket"
)

func main() {
	cloud.Serve(plan.Desk, func(c *cloud.Cloud) (any, error) {
		return desk.New(desk.Config{Docket: c.Docket, Policy: c.Policy, Channels: docket.NewChannels(c.Policy, registry.Find), Archive: c.Archive, Log: c.Log}).Handle, nil
	})
}
