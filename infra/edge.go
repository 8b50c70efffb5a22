package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
)

// edge is CloudFront with a firewall. An HTTP API can't have a firewall itself, so
// that the edge says a secret word in a header and functions let nobody in without.
type edge struct {
	distribution awscloudfront.Distribution
	word         awssecretsmanager.Secret
	parameter    string // the SSM name by which functions read the word
}

// edgeRegion is where CloudFront wants its firewalls and certificates.
const edgeRegion = "us-east-1"

// makeEdge puts the firewall where CloudFront wants it, in us-east-1, and the
// distribution beside the API: its permissions and its origin are of that region.
func (r *regional) makeEdge(app awscdk.App, name string, env *awscdk.Environment, tags *map[string]*string) {
	stack := awscdk.NewStack(app, jsii.String(name+"-edge"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: env.Account, Region: jsii.String(edgeRegion)}, Tags: tags, AnalyticsReporting: jsii.Bool(false),
		TerminationProtection: jsii.Bool(r.Stage.Retain), Description: jsii.String("Ines, stage " + r.Stage.Name + ": the firewall of " + *r.main.Region())})
	wall := firewall(stack, r.named("wall-"+*r.main.Region()))

	e := &edge{parameter: "/aws/reference/secretsmanager/" + r.named("origin")}
	r.door.edge = e
	e.word = awssecretsmanager.NewSecret(r.main, jsii.String("OriginWord"), &awssecretsmanager.SecretProps{SecretName: jsii.String(r.named("origin")),
		Description:          jsii.String("what the edge says to the HTTP API"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{PasswordLength: jsii.Number(40), ExcludePunctuation: jsii.Bool(true)}})
	accept(e.word, "AwsSolutions-SMG4", "CloudFront learns a new word only from a deployment: rotate by replacing the secret, as infra/README.md says")

	props := &awscloudfront.DistributionProps{
		Comment: jsii.String(r.named("edge")), WebAclId: wall.AttrArn(), HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: awscloudfrontorigins.NewHttpOrigin(jsii.String(*r.door.api.Ref()+".execute-api."+*r.main.Region()+"."+*r.main.UrlSuffix()),
				&awscloudfrontorigins.HttpOriginProps{ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTPS_ONLY,
					OriginSslProtocols: &[]awscloudfront.OriginSslPolicy{awscloudfront.OriginSslPolicy_TLS_V1_2},
					CustomHeaders:      &map[string]*string{plan.OriginHeader: e.word.SecretValue().UnsafeUnwrap()}}),
			AllowedMethods: awscloudfront.AllowedMethods_ALLOW_ALL(), ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			// Nothing is the same for two askers, and signatures cover what was sent.
			CachePolicy:         awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy: awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
		},
	}
	if d := r.Stage.Domain; d != nil {
		props.DomainNames = jsii.Strings(d.Name)
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
		props.Certificate = awscertificatemanager.Certificate_FromCertificateArn(r.main, jsii.String("Certificate"), jsii.String(d.Certificate))
	}
	e.distribution = awscloudfront.NewDistribution(r.main, jsii.String("Edge"), props)
	accept(e.distribution, "AwsSolutions-CFR1", "customers are wherever they are")
	accept(e.distribution, "AwsSolutions-CFR3", "the HTTP API behind it logs every request")
	if r.Stage.Domain == nil {
		accept(e.distribution, "AwsSolutions-CFR4", "CloudFront's own name comes with its own TLS setting; a domain in cdk.json gets TLS 1.2")
	} else {
		r.pointAt(*e.distribution.DistributionDomainName())
	}
}

// firewall turns away floods from one address and what AWS knows as an attack. Its
// rules look at no body: letters from customers contain anything, and receive
// verifies every byte.
func firewall(stack awscdk.Stack, name string) awswafv2.CfnWebACL {
	seen := func(rule string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
		return &awswafv2.CfnWebACL_VisibilityConfigProperty{MetricName: jsii.String(name + "-" + rule), CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true}
	}
	return awswafv2.NewCfnWebACL(stack, jsii.String("Wall"), &awswafv2.CfnWebACLProps{
		Name: jsii.String(name), Scope: jsii.String("CLOUDFRONT"), VisibilityConfig: seen("all"),
		DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: map[string]any{}},
		Rules: []any{
			&awswafv2.CfnWebACL_RuleProperty{Name: jsii.String("floods"), Priority: jsii.Number(0), VisibilityConfig: seen("floods"),
				Action: &awswafv2.CfnWebACL_RuleActionProperty{Block: map[string]any{}},
				// Webhooks of a whole platform come from few addresses: only the desk's
				// pages are counted.
				Statement: &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: &awswafv2.CfnWebACL_RateBasedStatementProperty{
					AggregateKeyType: jsii.String("IP"), Limit: jsii.Number(2000), EvaluationWindowSec: jsii.Number(300),
					ScopeDownStatement: &awswafv2.CfnWebACL_StatementProperty{NotStatement: &awswafv2.CfnWebACL_NotStatementProperty{
						Statement: &awswafv2.CfnWebACL_StatementProperty{ByteMatchStatement: &awswafv2.CfnWebACL_ByteMatchStatementProperty{
							SearchString: jsii.String("/webhooks/"), PositionalConstraint: jsii.String("STARTS_WITH"),
							FieldToMatch:        &awswafv2.CfnWebACL_FieldToMatchProperty{UriPath: map[string]any{}},
							TextTransformations: []any{&awswafv2.CfnWebACL_TextTransformationProperty{Priority: jsii.Number(0), Type: jsii.String("NONE")}}}}}}}}},
			&awswafv2.CfnWebACL_RuleProperty{Name: jsii.String("reputation"), Priority: jsii.Number(1), VisibilityConfig: seen("reputation"),
				OverrideAction: &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}},
				Statement: &awswafv2.CfnWebACL_StatementProperty{ManagedRuleGroupStatement: &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{
					VendorName: jsii.String("AWS"), Name: jsii.String("AWSManagedRulesAmazonIpReputationList")}}},
		},
	})
}
