//go:build !onlygo

package local_test

import (
	"testing"

	"ines/shared/table/dynamo/dynamolocal"
)

// The same, with the table in DynamoDB: the queues' messages and the stream's
// position are in the folder, the cases are not.
func TestKill9OverDynamoDB(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamolocal.Start(t))
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "local")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "local")
	kill9(t, 3, 60, "--table", "dynamodb", "--table-name", "kill9")
}
