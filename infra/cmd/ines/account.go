package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/config"

	"ines/infra/plan"
	"ines/shared/aws"
)

// account are the flags by which a command finds a deployed stage. The credentials
// are the operator's own: profile, single sign-on or environment, as the AWS command
// line finds them.
type account struct{ stage, region string }

func (a *account) register(fs *flag.FlagSet) {
	fs.StringVar(&a.stage, "stage", os.Getenv(plan.EnvStage), "the deployed `stage`")
	fs.StringVar(&a.region, "region", "", "its AWS `region`; the default is the profile's")
}

// attempts is how often a call of the operator's is tried: he would rather wait some
// seconds than begin again.
const attempts = 7

// open finds region and credentials.
func (a *account) open(ctx context.Context) (aws.Config, error) {
	if !plan.IsStage(a.stage) {
		return aws.Config{}, usagef("no stage is named %q: they are the members of context.stages in cdk.json", a.stage)
	}
	var options []func(*config.LoadOptions) error
	if a.region != "" {
		options = append(options, config.WithRegion(a.region))
	}
	found, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS configuration: %w", err)
	}
	if found.Region == "" {
		return aws.Config{}, usagef("no AWS region: say --region or set AWS_REGION")
	}
	return aws.Config{Region: found.Region, Attempts: attempts, Endpoint: aws.Endpoints(os.Getenv), Credentials: found.Credentials.Retrieve}, nil
}
