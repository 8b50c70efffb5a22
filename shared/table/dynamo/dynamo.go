// Package dynamo keeps the table in DynamoDB: one table whose items lie as
// shared/table/stream says, with one global secondary index for each index, which
// projects keys only (KEYS_ONLY: what an index holds is paid for at each write). The
// functions' bootstraps, the local host and tests open it; functions see the
// table port only. It imports table, stream and aws. No error of DynamoDB's passes
// it: what is wrong is told in words and as one of the port's kinds.
//
// A function opens one Table outside its handler and shares it:
//
//	cfg, err := aws.FromEnvironment(os.Getenv)
//	t, err := dynamo.Open(cfg, dynamo.Config{Table: os.Getenv("INES_TABLE"), Indexes: plan.Default().Table.Indexes})
//
// The rights that it needs: GetItem, BatchGetItem and Query for reading (Query also
// on index/*), PutItem, UpdateItem, DeleteItem and ConditionCheckItem for writing;
// transactions need no right of their own.
package dynamo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ines/shared/aws"
	"ines/shared/table"
)

// Config says which table. Table is required; the rest has defaults.
type Config struct {
	Table string // the table's name or ARN
	// Indexes names the secondary indexes; another name is ErrInvalid.
	Indexes []string
	// PageSize is the most items a page may hold; 0 means 1,000. A page also
	// ends early at 1 MB, as DynamoDB's do.
	PageSize int
	// Attempt bounds one request; 0 means the client's AttemptTime, or 5 s. What takes
	// longer is asked again.
	Attempt time.Duration
	// Patience is how long a call goes on asking again when DynamoDB throttles,
	// conflicts with other transactions or fails, before it gives up with
	// table.ErrUnavailable; 0 means 10 s.
	Patience time.Duration
	// Observe is told of every request with the capacity that it consumed. It
	// must be fast and safe for concurrent use. nil (the default) asks DynamoDB
	// for no figures.
	Observe func(context.Context, Request)
}

const (
	pageSize        = 1000
	defaultAttempt  = 5 * time.Second
	defaultPatience = 10 * time.Second
)

// Table implements table.Table.
type Table struct {
	db aws.Config
	c  Config
}

var _ table.Table = (*Table)(nil)

// Open makes a client of the table. It asks nothing of DynamoDB yet.
func Open(cfg aws.Config, c Config) (*Table, error) {
	if c.Table == "" {
		return nil, errors.New("table/dynamo: Config.Table is missing: the name of the DynamoDB table")
	}
	if c.PageSize < 0 || c.Attempt < 0 || c.Patience < 0 {
		return nil, fmt.Errorf("table/dynamo: page size %d, attempt %s, patience %s: none may be negative", c.PageSize, c.Attempt, c.Patience)
	}
	if c.PageSize == 0 {
		c.PageSize = pageSize
	}
	if c.Attempt == 0 {
		c.Attempt = cmp.Or(cfg.AttemptTime, defaultAttempt)
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	c.Indexes = slices.Clone(c.Indexes)
	return &Table{db: once(cfg, c.Attempt), c: c}, nil
}

// once leaves asking again to the driver, which must know whether a write may have
// happened.
func once(cfg aws.Config, attempt time.Duration) aws.Config {
	cfg.Attempts, cfg.AttemptTime = 1, attempt
	return cfg
}

// ask makes one request of DynamoDB's API.
func ask(ctx context.Context, db aws.Config, operation string, in, out any) error {
	return db.JSON(ctx, aws.DynamoDB, "1.0", "DynamoDB_20120810."+operation, in, out)
}
