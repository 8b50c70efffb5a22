//go:build !onlygo

package story_test

import (
	"bytes"
	"crypto/rand"
	"path/filepath"
	"testing"
	"time"

	"ines/infra/local"
	"ines/infra/local/story"
	"ines/infra/plan"
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
				c.DynamoDB = &local.DynamoDB{AWS: engine, Table: table}
			})
			var account bytes.Buffer
			how.Out = &account
			if err := story.Play(t.Context(), how, s); err != nil {
				t.Fatalf("%v\n%s", err, account.String())
			}
		})
	}
}
