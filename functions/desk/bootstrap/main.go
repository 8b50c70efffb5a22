// Command bootstrap serves the function desk to Lambda.
package main

import (
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
		learned, err := classify.Classifier(c.Policy)
		if err != nil {
			return nil, err
		}
		about := func(m *message.Message) casework.About { return classify.About(c.Policy, learned, m) }
		return desk.New(desk.Config{Docket: c.Docket, Policy: c.Policy, Channels: docket.NewChannels(c.Policy, registry.Find),
			Archive: c.Archive, About: about, SignIn: who, Log: c.Log}).Handle, nil
	})
}
