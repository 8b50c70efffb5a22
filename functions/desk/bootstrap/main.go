// Lambda's machine has as many processors as the function may use: nothing is to be
// looked up about a container.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command bootstrap serves the function desk to Lambda.
package main

import (
	"sync"

	"ines/functions/classify"
	"ines/functions/cloud"
	"ines/functions/desk"
	"ines/infra/plan"
	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/message"
	"ines/shared/oidc"
)

func main() {
	cloud.Serve(plan.Desk, func(c *cloud.Cloud) (any, error) {
		issuer, err := oidc.New(oidc.Config{Issuer: c.Variable(plan.EnvIssuer), Client: c.Variable(plan.EnvClient)})
		if err != nil {
			return nil, err
		}
		who := &desk.SignIn{Issuer: issuer, ConsoleURL: c.URL(plan.EnvConsoleURL), Claim: c.Variable(plan.EnvClaim)}
		// Only a simulation needs a classifier: whoever opens the console doesn't wait for
		// it. A desk that could make none does not start.
		bundled := classify.Bundled{Policy: c.Policy, Words: c.Bundled(plan.BundledWords), Heads: c.Bundled(plan.BundledHeads)}
		if err := bundled.Check(); err != nil {
			return nil, err
		}
		learned := sync.OnceValues(bundled.Classifier)
		about := func(m *message.Message) (casework.About, error) {
			cl, err := learned()
			if err != nil {
				return casework.About{}, err
			}
			return classify.About(c.Policy, cl, m), nil
		}
		return desk.New(desk.Config{Docket: c.Docket, Policy: c.Policy, Channels: docket.NewChannels(c.Policy, registry.Find),
			Archive: c.Archive, About: about, SignIn: who, Log: c.Log}).Handle, nil
	})
}
