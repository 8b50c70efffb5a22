package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"ines/infra/local"
	"ines/infra/plan"
	"ines/shared/aws"
	"ines/shared/table/dynamo"
)

// storage says where a desk's table is.
type storage struct {
	kind, name string
	create     bool
}

const (
	inFolder   = "sqlite"
	inDynamoDB = "dynamodb"
)

func (s *storage) register(fs *flag.FlagSet) {
	fs.StringVar(&s.kind, "table", inFolder, "where the table is: `sqlite` (in the data folder) or dynamodb (where AWS_REGION and AWS_ENDPOINT_URL… say)")
	fs.StringVar(&s.name, "table-name", "ines", "the `name` of the DynamoDB table")
	fs.BoolVar(&s.create, "create-table", false, "make the DynamoDB table on AWS if it is missing; at an endpoint of your own it is made anyway")
}

// open finds the DynamoDB table, or makes it; nil for a table in the folder.
func (s *storage) open(ctx context.Context, said io.Writer, getenv func(string) string) (*local.DynamoDB, error) {
	switch s.kind {
	case inFolder:
		return nil, nil
	case inDynamoDB:
	default:
		return nil, usagef("--table is %q; there are %s and %s", s.kind, inFolder, inDynamoDB)
	}
	cfg, err := aws.FromEnvironment(getenv)
	if err != nil {
		return nil, fmt.Errorf("--table dynamodb: %w (DynamoDB Local takes any region and any keys)", err)
	}
	if own := cfg.Endpoint; cfg.Custom(aws.DynamoDB) && !cfg.Custom(aws.Streams) {
		// Whoever has a DynamoDB of his own has its streams there, and not at AWS.
		cfg.Endpoint = func(service string) string {
			if service == aws.Streams {
				service = aws.DynamoDB
			}
			return own(service)
		}
	}
	found, err := dynamo.Describe(ctx, cfg, s.name)
	if err == nil {
		if unfit := found.Fits(plan.Default().Table.Indexes); unfit != nil {
			return nil, fmt.Errorf("the table %s at %s is none of ines: %w; name another with --table-name", s.name, cfg.URL(aws.DynamoDB), unfit)
		}
	}
	if errors.Is(err, dynamo.ErrMissing) {
		err = s.make(ctx, said, cfg, err)
	}
	if err != nil {
		return nil, err
	}
	return &local.DynamoDB{AWS: cfg, Table: s.name}, nil
}

// make makes the table, but on AWS itself only when told to: there it costs money,
// and the stack makes a better one.
func (s *storage) make(ctx context.Context, said io.Writer, cfg aws.Config, missing error) error {
	if !cfg.Custom(aws.DynamoDB) && !s.create {
		return fmt.Errorf(`%w
The stack makes the table on AWS, with backups and protection: make deploy. To have ines make
a bare one there, which costs money and is yours to delete, add --create-table. To work on
DynamoDB Local, set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000`, missing)
	}
	made, err := dynamo.Create(ctx, cfg, dynamo.Config{Table: s.name, Indexes: plan.Default().Table.Indexes})
	if made {
		fmt.Fprintf(said, "made table %s at %s\n", s.name, cfg.URL(aws.DynamoDB))
	}
	return err
}
