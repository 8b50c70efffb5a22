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
	classifying "ines/shared/classify"
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
		heads, err := classify.Heads(c.Bundled(plan.BundledHeads), classify.Map)
		if err != nil {
			return nil, err
		}
		words, err := classify.MapWords(c.Policy, c.Bundled(plan.BundledWords))
		if err != nil {
			return nil, err
		}
		// Only a simulation needs the desk's own models: whoever opens the console
		// doesn't wait for them.
		learned := sync.OnceValues(func() (*classifying.Learned, error) { return classify.Classifier(c.Policy, words, heads, classify.Map) })
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
