//go:build !onlygo

package local_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/local"
	"ines/infra/plan"
	"ines/shared/aws"
	"ines/shared/table/dynamo"
	"ines/shared/table/dynamo/dynamolocal"
	"ines/shared/table/stream"
)

// The same, with the table in DynamoDB: the queues' messages and the stream's
// position are in the folder, the cases are not.
func TestKill9OverDynamoDB(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamolocal.Start(t))
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	kill9(t, 3, 60, "--table", "dynamodb", "--table-name", "kill9-"+rand.Text())
}

// TestErasedOverDynamoDB: what is erased is in no item of the table either, its key,
// values and packed values.
func TestErasedOverDynamoDB(t *testing.T) {
	name := "erased-" + rand.Text()
	dir, engine := t.TempDir(), dynamolocal.Config(dynamolocal.Start(t))
	if _, err := dynamo.Create(t.Context(), engine, dynamo.Config{Table: name, Indexes: plan.Default().Table.Indexes}); err != nil {
		t.Fatal(err)
	}
	d, stop := serve(t, dir, func(c *local.Config) { c.DynamoDB = &local.DynamoDB{AWS: engine, Table: name} })
	erases(t, d, stop, func(word string) []string {
		return append(spelled(t, dir, word), scanned(t, engine, name, word)...)
	})
}

// TestNamedOverDynamoDB: the same of a name that was looked up.
func TestNamedOverDynamoDB(t *testing.T) {
	name := "named-" + rand.Text()
	dir, engine := t.TempDir(), dynamolocal.Config(dynamolocal.Start(t))
	if _, err := dynamo.Create(t.Context(), engine, dynamo.Config{Table: name, Indexes: plan.Default().Table.Indexes}); err != nil {
		t.Fatal(err)
	}
	d, stop := serve(t, dir, func(c *local.Config) { c.DynamoDB = &local.DynamoDB{AWS: engine, Table: name} })
	unnamed(t, d, stop, true, func(word string) []string {
		return append(spelled(t, dir, word), scanned(t, engine, name, word)...)
	})
}

// scanned are the keys of the items in which a word stands.
func scanned(t *testing.T, engine aws.Config, name, word string) (in []string) {
	t.Helper()
	var from stream.Attributes
	items := 0
	for {
		ask := map[string]any{"TableName": name, "ConsistentRead": true}
		if from != nil {
			ask["ExclusiveStartKey"] = from
		}
		var page struct {
			Items            []stream.Attributes
			LastEvaluatedKey stream.Attributes
		}
		if err := engine.JSON(t.Context(), aws.DynamoDB, "1.0", "DynamoDB_20120810.Scan", ask, &page); err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Items {
			items++
			item, err := stream.Item(a)
			if err != nil {
				t.Fatal(err)
			}
			text := item.Value // unpacked
			for _, v := range a {
				if v.DataType() == events.DataTypeString {
					text = append(text, "\x00"+v.String()...)
				}
			}
			if bytes.Contains(text, []byte(word)) {
				in = append(in, "the item "+item.Key.String())
			}
		}
		if from = page.LastEvaluatedKey; len(from) == 0 {
			break
		}
	}
	if items == 0 {
		t.Fatal("the table is empty")
	}
	return in
}
