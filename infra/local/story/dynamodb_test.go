//go:build !onlygo

package story_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/infra/plan"
	"ines/shared/secret"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
)

// Every story comes true with the table in DynamoDB as well, with the driver that is
// deployed, behind the same functions.
func TestStoriesOverDynamoDB(t *testing.T) {
	engine := dynamolocal.Config(dynamolocal.Start(t))
	dirs, err := filepath.Glob("../../../events/stories/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	w := &witness{done: map[string]bool{}}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			s, err := story.Load(dir)
			if err != nil {
				t.Fatal(err)
			}
			table := name + "-" + rand.Text()
			if _, err := dynamo.Create(t.Context(), engine, dynamo.Config{Table: table, Indexes: plan.Default().Table.Indexes}); err != nil {
				t.Fatal(err)
			}
			how := open(t, s.Desk, time.Date(2026, 11, 20, 10, 5, 0, 0, time.UTC), func(c *local.Config) {
				c.DynamoDB = &local.DynamoDB{AWS: engine, Table: table, Observe: w.observe}
				c.Secrets = guard{c.Secrets, w}
			})
			var account bytes.Buffer
			how.Out = &account
			if err := story.Play(t.Context(), how, s); err != nil {
				t.Fatalf("%v\n%s", err, account.String())
			}
		})
	}
	w.check(t)
}

// witness notes what functions do with the table and the secrets, as "function right".
type witness struct {
	mu   sync.Mutex
	done map[string]bool
}

// operations are the rights that each needs. A transaction needs those to what it
// consists of: the driver's write, and check.
var operations = map[string]plan.Access{"GetItem": plan.Read, "BatchGetItem": plan.Read, "Query": plan.Read,
	"PutItem": plan.Write, "UpdateItem": plan.Write, "DeleteItem": plan.Write, "TransactWriteItems": plan.Write}

func (w *witness) note(ctx context.Context, right string) {
	c, ok := lambdacontext.FromContext(ctx)
	if !ok { // the engine's own
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[c.InvokedFunctionArn[strings.LastIndexByte(c.InvokedFunctionArn, ':')+1:]+" "+right] = true
}

func (w *witness) observe(ctx context.Context, r dynamo.Request) {
	right, known := operations[r.Operation]
	if !known {
		right = "unknown: " + plan.Access(r.Operation)
	}
	w.note(ctx, "table: "+string(right))
}

// guard notes who asks for which secrets.
type guard struct {
	secret.Source
	*witness
}

func (g guard) Values(ctx context.Context, use secret.Use, inbox string) ([]string, error) {
	g.note(ctx, "secret: "+string(use))
	return g.Source.Values(ctx, use, inbox)
}

// check holds what was done against the plan, from which the roles on AWS are made:
// nothing may be done that is refused there.
func (w *witness) check(t *testing.T) {
	may, seen := map[string]bool{}, map[string]bool{}
	for right := range w.done {
		function, _, _ := strings.Cut(right, " ")
		seen[function] = true
	}
	for _, f := range plan.Default().Functions {
		for _, access := range f.Table {
			may[f.Name+" table: "+string(access)] = true
		}
		for _, use := range f.Secrets {
			may[f.Name+" secret: "+use] = true
		}
		// What classify writes is outcomes of what is no message, which no story has.
		if !seen[f.Name] && f.Name != plan.Classify {
			t.Errorf("%s did nothing", f.Name)
		}
	}
	for right := range w.done {
		if !may[right] {
			t.Errorf("%s: done, and not allowed on AWS", right)
		}
	}
}
