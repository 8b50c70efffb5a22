// Command infra is the CDK app: it writes the CloudFormation templates of one stage,
// a pair of stacks for each of its regions. What exists it reads from infra/plan,
// what differs between stages from cdk.json. `make synth`, `make diff` and `make
// deploy` run it through the CDK's command line.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	jsii.Close() // or its files stay behind; it may have something to say itself
	if err != nil {
		os.Exit(1)
	}
}

func run() error {
	app := awscdk.NewApp(nil)
	a, err := fromContext(app)
	if err != nil {
		return err
	}
	a.Build(app)
	if app.Node().TryGetContext(jsii.String("nag")) != nil {
		inspect(app)
	}
	return synth(app)
}

// synth writes the templates. What CDK finds wrong with them it throws, and has
// printed.
func synth(app awscdk.App) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("synth: %v", cause)
		}
	}()
	app.Synth(nil)
	return nil
}

// fromContext reads the stage that -c stage=… names.
func fromContext(app awscdk.App) (App, error) {
	name, _ := app.Node().TryGetContext(jsii.String("stage")).(string)
	stages, err := json.Marshal(app.Node().TryGetContext(jsii.String("stages")))
	if err != nil {
		return App{}, fmt.Errorf("cdk.json: context.stages: %w", err)
	}
	s, err := ReadStage(stages, name)
	if err != nil {
		return App{}, err
	}
	return Load(s, "bin")
}
