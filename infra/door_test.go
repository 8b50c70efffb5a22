package main

import (
	"slices"
	"strings"
	"testing"

	"ines/infra/plan"
)

// TestEdge: the firewall is where CloudFront wants it, the distribution beside the
// API, and what the edge says is what functions ask for.
func TestEdge(t *testing.T) {
	_, main := pair(t, "full", "eu-west-1")
	wall := templates["Ines-full-eu-west-1-edge"]
	if wall == nil || len(wall.of("AWS::WAFv2::WebACL")) != 1 || wall.of("AWS::WAFv2::WebACL")[0].text("Scope") != "CLOUDFRONT" {
		t.Fatal("there is no firewall for CloudFront")
	}
	artifact := manifest(t)["Ines-full-eu-west-1-edge"].(map[string]any)
	if artifact["environment"] != "aws://111122223333/us-east-1" {
		t.Errorf("the firewall goes to %v", artifact["environment"])
	}
	distributions := main.of("AWS::CloudFront::Distribution")
	if len(distributions) != 1 {
		t.Fatalf("%d distributions", len(distributions))
	}
	d := distributions[0]
	if got, want := d.text("DistributionConfig", "WebACLId"), wall.of("AWS::WAFv2::WebACL")[0].name("Arn"); got != want {
		t.Errorf("the distribution's firewall is %s, want %s", got, want)
	}
	origin := []any{"DistributionConfig", "Origins", 0}
	if host := d.text(append(origin, "DomainName")...); !strings.HasPrefix(host, main.of("AWS::ApiGatewayV2::Api")[0].name()+".execute-api.eu-west-1.") {
		t.Errorf("behind it is %s", host)
	}
	if name := d.text(append(origin, "OriginCustomHeaders", 0, "HeaderName")...); name != plan.OriginHeader {
		t.Errorf("it says its word in %s", name)
	}
	word := main.of("AWS::SecretsManager::Secret")[0].text("Name")
	for _, f := range plan.Default().Functions {
		r := main.find("AWS::Lambda::Function", "FunctionName", "ines-full-"+f.Name)
		want := ""
		if len(f.Trigger.Routes) > 0 {
			want = "/aws/reference/secretsmanager/" + word
		}
		if got := r.text("Environment", "Variables", plan.EnvOrigin); got != want {
			t.Errorf("%s asks for the word in %q, want %q", f.Name, got, want)
		}
	}
	for name := range stages {
		if _, main := pair(t, name, "eu-west-1"); (len(main.of("AWS::CloudFront::Distribution")) > 0) != stages[name].Edge {
			t.Errorf("%s has an edge or none, and asked for the other", name)
		}
	}
}

// TestPublicURL: functions are told the address that platforms and browsers see, and
// the issuer knows where to send people back to.
func TestPublicURL(t *testing.T) {
	for name, s := range stages {
		_, main := pair(t, name, s.Regions[0])
		api := main.of("AWS::ApiGatewayV2::Api")[0]
		want := api.name("ApiEndpoint")
		switch {
		case s.Domain != nil:
			want = "https://" + s.Domain.Name
		case s.Edge:
			want = "https://" + main.of("AWS::CloudFront::Distribution")[0].name("DomainName")
		}
		for function, variable := range map[string]string{plan.Receive: plan.EnvPublicURL, plan.Reply: plan.EnvPublicURL, plan.Desk: plan.EnvConsoleURL} {
			if got := main.find("AWS::Lambda::Function", "FunctionName", "ines-"+name+"-"+function).text("Environment", "Variables", variable); got != want {
				t.Errorf("%s: %s's %s is %s, want %s", name, function, variable, got, want)
			}
		}
		authorizer := main.of("AWS::ApiGatewayV2::Authorizer")[0]
		fn := main.find("AWS::Lambda::Function", "FunctionName", "ines-"+name+"-"+plan.Desk)
		issuer, client := fn.text("Environment", "Variables", plan.EnvIssuer), fn.text("Environment", "Variables", plan.EnvClient)
		if authorizer.text("JwtConfiguration", "Issuer") != issuer || !slices.Equal(authorizer.list("JwtConfiguration", "Audience"), []string{client}) {
			t.Errorf("%s: the API takes tokens of %s for %v, the console signs in at %s as %s", name, authorizer.text("JwtConfiguration", "Issuer"),
				authorizer.list("JwtConfiguration", "Audience"), issuer, client)
		}
		clients := main.of("AWS::Cognito::UserPoolClient")
		if s.SignIn != nil {
			if len(clients) > 0 || issuer != s.SignIn.Issuer || client != s.SignIn.Client {
				t.Errorf("%s: signs in at %s as %s, with %d clients of our own", name, issuer, client, len(clients))
			}
			continue
		}
		c := clients[0]
		if !slices.Equal(c.list("CallbackURLs"), []string{want + plan.SignInCallback}) || !slices.Equal(c.list("LogoutURLs"), []string{want + plan.SignedOut}) {
			t.Errorf("%s: people come back to %v and %v", name, c.list("CallbackURLs"), c.list("LogoutURLs"))
		}
		if c.text("GenerateSecret") != "false" || !slices.Equal(c.list("AllowedOAuthFlows"), []string{"code"}) {
			t.Errorf("%s: the console has a secret (%s) or signs in by %v", name, c.text("GenerateSecret"), c.list("AllowedOAuthFlows"))
		}
		// Who may change his own custom:colleague or address is whom he likes.
		if may := c.list("WriteAttributes"); !slices.Equal(may, []string{"name"}) {
			t.Errorf("%s: people may change their own %v", name, may)
		}
	}
}
