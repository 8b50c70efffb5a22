package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"ines/infra/plan"
)

// door is the way in: the HTTP API, what may stand before it, and who says who
// colleagues are.
type door struct {
	api            awsapigatewayv2.CfnApi
	url            string // under which platforms and browsers reach it
	issuer, client string
	edge           *edge // nil without
}

const stageOfAPI = "$default"

// makeDoor makes what functions have to know of the way in.
func (r *regional) makeDoor(app awscdk.App, name string, env *awscdk.Environment, tags *map[string]*string) {
	r.door.api = awsapigatewayv2.NewCfnApi(r.main, jsii.String("Api"), &awsapigatewayv2.CfnApiProps{
		Name: jsii.String(r.named("door")), ProtocolType: jsii.String("HTTP"), IpAddressType: jsii.String("dualstack"),
		// A name of ours is the only one then.
		DisableExecuteApiEndpoint: r.Stage.Domain != nil && !r.Stage.Edge,
	})
	r.door.url = *r.door.api.AttrApiEndpoint()
	if r.Stage.Edge {
		r.makeEdge(app, name, env, tags)
		r.door.url = "https://" + *r.door.edge.distribution.DistributionDomainName()
	}
	if d := r.Stage.Domain; d != nil {
		r.door.url = "https://" + d.Name
	}
	r.makeSignIn()
}

// openDoor leads the plan's routes to their functions.
func (r *regional) openDoor() {
	api := r.door.api.Ref()
	authorizer := awsapigatewayv2.NewCfnAuthorizer(r.main, jsii.String("Colleagues"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId: api, Name: jsii.String("colleagues"), AuthorizerType: jsii.String("JWT"), IdentitySource: jsii.Strings("$request.header.Authorization"),
		JwtConfiguration: &awsapigatewayv2.CfnAuthorizer_JWTConfigurationProperty{Issuer: jsii.String(r.door.issuer), Audience: jsii.Strings(r.door.client)},
	})
	settings := map[string]any{} // CloudFormation takes them as they are, so that their names are its own
	var routes []awsapigatewayv2.CfnRoute
	for _, f := range r.Plan.Functions {
		if len(f.Trigger.Routes) == 0 {
			continue
		}
		fn := r.functions[f.Name].fn
		integration := awsapigatewayv2.NewCfnIntegration(r.main, jsii.String(construct(f.Name)+"Integration"), &awsapigatewayv2.CfnIntegrationProps{
			ApiId: api, IntegrationType: jsii.String("AWS_PROXY"), IntegrationUri: fn.FunctionArn(), PayloadFormatVersion: jsii.String("2.0"),
		})
		awslambda.NewCfnPermission(r.main, jsii.String(construct(f.Name)+"Invocation"), &awslambda.CfnPermissionProps{
			Action: jsii.String("lambda:InvokeFunction"), FunctionName: fn.FunctionArn(), Principal: jsii.String("apigateway.amazonaws.com"),
			SourceArn: jsii.String(r.arn("execute-api", *api+"/*/*")),
		})
		for i, key := range f.Trigger.Routes {
			p := &awsapigatewayv2.CfnRouteProps{ApiId: api, RouteKey: jsii.String(key), Target: jsii.String("integrations/" + *integration.Ref()),
				AuthorizationType: jsii.String("NONE")}
			guarded := slices.Contains(f.Trigger.Guarded, key)
			if guarded {
				p.AuthorizationType, p.AuthorizerId = jsii.String("JWT"), authorizer.Ref()
			}
			route := awsapigatewayv2.NewCfnRoute(r.main, jsii.String(fmt.Sprintf("%sRoute%d", construct(f.Name), i)), p)
			if !guarded {
				accept(route, "AwsSolutions-APIG4", open(f.Name))
			}
			routes = append(routes, route)
			// No metrics of each route: CloudWatch charges for them, and the log has the same.
			settings[key] = map[string]any{"ThrottlingRateLimit": f.Trigger.Rate, "ThrottlingBurstLimit": f.Trigger.Burst}
		}
	}
	stage := awsapigatewayv2.NewCfnStage(r.main, jsii.String("Stage"), &awsapigatewayv2.CfnStageProps{
		ApiId: api, StageName: jsii.String(stageOfAPI), AutoDeploy: true, RouteSettings: settings,
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: r.accessLog().LogGroupRef().LogGroupArn, Format: jsii.String(accessFormat())},
	})
	for _, route := range routes {
		stage.AddResourceDependency(route, nil) // its settings name the routes
	}
	if d := r.Stage.Domain; d != nil && !r.Stage.Edge {
		r.nameDoor(stage, d)
	}
}

// open says why a route needs no token.
func open(function string) string {
	if function == plan.Receive {
		return "platforms have no tokens of ours: receive verifies each webhook's signature over its raw bytes and refuses what has none"
	}
	return "pages people must reach before they have signed in; the desk itself checks the session cookie of every page that shows anything"
}

// accessLog is who asked for what.
func (r *regional) accessLog() awslogs.LogGroup {
	// Names that begin so need no resource policy for each group. The class takes lines
	// at half the price and answers queries (Logs Insights) as the other does; it has no
	// filters that make metrics, no subscriptions and no tail, and nothing here uses them.
	// It can't be changed of a group that exists: this one has a name of its own.
	g := r.logGroup("Requests", "/aws/vendedlogs/ines/"+r.Stage.Name+"/requests")
	g.Node().DefaultChild().(awslogs.CfnLogGroup).SetLogGroupClass(jsii.String(plan.AccessLogClass))
	return g
}

func accessFormat() string {
	format := map[string]string{}
	for _, f := range plan.AccessLog {
		format[f.Name] = f.Value
	}
	text, err := json.Marshal(format)
	if err != nil { // strings always have a JSON form
		panic(err)
	}
	return string(text)
}

// logGroup keeps what is logged as long as the stage says, in days: CDK's own names
// for times don't help whoever reads cdk.json.
func (r *regional) logGroup(id, name string) awslogs.LogGroup {
	g := awslogs.NewLogGroup(r.main, jsii.String(id), &awslogs.LogGroupProps{LogGroupName: jsii.String(name), RemovalPolicy: awscdk.RemovalPolicy_DESTROY})
	g.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(r.Stage.LogDays))
	return g
}

// nameDoor gives the API a name of ours.
func (r *regional) nameDoor(stage awsapigatewayv2.CfnStage, d *Domain) {
	name := awsapigatewayv2.NewCfnDomainName(r.main, jsii.String("Domain"), &awsapigatewayv2.CfnDomainNameProps{DomainName: jsii.String(d.Name),
		DomainNameConfigurations: []any{&awsapigatewayv2.CfnDomainName_DomainNameConfigurationProperty{CertificateArn: jsii.String(d.Certificate),
			EndpointType: jsii.String("REGIONAL"), SecurityPolicy: jsii.String("TLS_1_2"), IpAddressType: jsii.String("dualstack")}}})
	mapping := awsapigatewayv2.NewCfnApiMapping(r.main, jsii.String("DomainMapping"), &awsapigatewayv2.CfnApiMappingProps{ApiId: r.door.api.Ref(),
		DomainName: name.Ref(), Stage: jsii.String(stageOfAPI)})
	mapping.AddResourceDependency(stage, nil)
	r.pointAt(*name.AttrRegionalDomainName())
}

func (r *regional) pointAt(host string) {
	awscdk.NewCfnOutput(r.main, jsii.String("PointAt"), &awscdk.CfnOutputProps{Value: jsii.String(host),
		Description: jsii.String("what " + r.Stage.Domain.Name + " has to be an alias of, in its zone")})
}
