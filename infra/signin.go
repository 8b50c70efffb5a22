package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
)

// makeSignIn says which issuer's tokens the API takes, and makes the console its
// client. The client has no secret: the code flow with PKCE needs none.
func (r *regional) makeSignIn() {
	if s := r.Stage.SignIn; s != nil {
		r.door.issuer, r.door.client = s.Issuer, s.Client
		return
	}
	yes := jsii.Bool(true)
	attributes := awscognito.NewClientAttributes()
	client := awscognito.NewUserPoolClient(r.main, jsii.String("Console"), &awscognito.UserPoolClientProps{
		UserPool: r.store.people, UserPoolClientName: jsii.String(r.named("console")), GenerateSecret: jsii.Bool(false),
		OAuth: &awscognito.OAuthSettings{Flows: &awscognito.OAuthFlows{AuthorizationCodeGrant: yes},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_EMAIL(), awscognito.OAuthScope_PROFILE()},
			CallbackUrls: jsii.Strings(r.door.url + plan.SignInCallback), LogoutUrls: jsii.Strings(r.door.url + plan.SignedOut)},
		SupportedIdentityProviders: &[]awscognito.UserPoolClientIdentityProvider{awscognito.UserPoolClientIdentityProvider_COGNITO()},
		PreventUserExistenceErrors: yes, EnableTokenRevocation: yes,
		// Nobody may say himself which colleague he is.
		ReadAttributes: attributes.WithStandardAttributes(&awscognito.StandardAttributesMask{Email: yes, EmailVerified: yes, Fullname: yes}).
			WithCustomAttributes(jsii.String("colleague")),
		WriteAttributes:     attributes.WithStandardAttributes(&awscognito.StandardAttributesMask{Fullname: yes}),
		AccessTokenValidity: awscdk.Duration_Hours(jsii.Number(1)), IdTokenValidity: awscdk.Duration_Hours(jsii.Number(1)),
		RefreshTokenValidity: awscdk.Duration_Hours(jsii.Number(12)),
	})
	r.door.issuer, r.door.client = *r.store.people.UserPoolProviderUrl(), *client.UserPoolClientId()
}
