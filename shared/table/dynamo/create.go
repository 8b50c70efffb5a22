package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ines/shared/table/stream"
)

// createTime bounds the wait for a new table.
const createTime = 2 * time.Minute

// Create makes the table of a Config with its indexes, its stream of new images
// and its expiry, and waits until it can be used. It is for local use and tests:
// in the cloud the stack makes the table. made is false for a table that was
// there already; whether that one is as it should be is not looked at.
func Create(ctx context.Context, cfg aws.Config, c Config) (made bool, err error) {
	db := client(cfg)
	in := &dynamodb.CreateTableInput{
		TableName:            &c.Table,
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            keys(stream.Partition, stream.Sort),
		AttributeDefinitions: texts(stream.Partition, stream.Sort),
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage},
	}
	for _, name := range c.Indexes {
		partition, sort := stream.IndexPartition(name), stream.IndexSort(name)
		in.AttributeDefinitions = append(in.AttributeDefinitions, texts(partition, sort)...)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{IndexName: &name,
			KeySchema: keys(partition, sort), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}})
	}
	_, err = db.CreateTable(ctx, in)
	var there *types.ResourceInUseException
	if err != nil && !errors.As(err, &there) {
		return false, unavailable("create table "+c.Table, err)
	}
	made = err == nil
	if err := dynamodb.NewTableExistsWaiter(db).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &c.Table}, createTime); err != nil {
		return made, unavailable("wait for table "+c.Table, err)
	}
	if !made {
		return false, nil
	}
	_, err = db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: &c.Table,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(stream.Expires), Enabled: aws.Bool(true)}})
	if err != nil {
		return true, unavailable("expiry of table "+c.Table, err)
	}
	return true, nil
}

// Exists reports whether the table is there.
func Exists(ctx context.Context, cfg aws.Config, name string) (bool, error) {
	_, err := client(cfg).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	var missing *types.ResourceNotFoundException
	switch {
	case err == nil:
		return true, nil
	case errors.As(err, &missing):
		return false, nil
	case ctx.Err() != nil:
		return false, fmt.Errorf("look for table %s: %w", name, ctx.Err())
	}
	return false, unavailable("look for table "+name, err)
}

func keys(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partition, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

func texts(names ...string) []types.AttributeDefinition {
	all := make([]types.AttributeDefinition, len(names))
	for i := range names {
		all[i] = types.AttributeDefinition{AttributeName: &names[i], AttributeType: types.ScalarAttributeTypeS}
	}
	return all
}
