package sqs

import (
	"context"
	"fmt"

	"ines/shared/aws"
	"ines/shared/queue"
)

// Locate asks for the URL of a queue by the name that it has in its account.
func Locate(ctx context.Context, c aws.Config, name string) (string, error) {
	var answer struct{ QueueUrl string }
	err := c.JSON(ctx, aws.SQS, "1.0", "AmazonSQS.GetQueueUrl", map[string]string{"QueueName": name}, &answer)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("%w: where is the queue %s: %v", queue.ErrUnavailable, name, err)
	}
	return answer.QueueUrl, nil
}
