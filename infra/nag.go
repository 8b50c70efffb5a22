package main

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// inspect makes cdk-nag's AwsSolutions rules look at everything. A finding is an
// error; what is accepted says why, at the thing itself.
func inspect(app awscdk.App) {
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(true), Verbose: jsii.Bool(true)}), nil)
}

// accept says why one rule's finding is as it should be.
func accept(at constructs.IConstruct, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressions(at, &[]*cdknag.NagPackSuppression{{Id: jsii.String(rule), Reason: jsii.String(reason)}}, jsii.Bool(true))
}

// explain accepts the wildcards in a role's grants with the grants' reasons. A
// wildcard without one stays a finding.
func explain(role constructs.IConstruct, all []grant) {
	var reasons []string
	for _, g := range all {
		open := false
		for _, resource := range g.resources {
			open = open || strings.Contains(resource, "*")
		}
		if open && g.why == "" {
			return
		}
		if open {
			reasons = append(reasons, strings.Join(g.actions, ", ")+": "+g.why)
		}
	}
	if len(reasons) > 0 {
		accept(role, "AwsSolutions-IAM5", strings.Join(reasons, ". "))
	}
}
