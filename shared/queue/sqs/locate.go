package sqs

import (
	"context"
	"errors"
	"fmt"

	"ines/shared/aws"
	"ines/shared/queue"
)

// Locate asks for the URL of a queue by the name that it has in its account.
func Locate(ctx context.Context, c aws.Config, name string) (string, error) {
	var answer struct{ QueueUrl string }
	var refused *aws.Error
	err := c.JSON(ctx, aws.SQS, "1.0", "AmazonSQS.GetQueueUrl", map[string]string{"QueueName": name}, &answer)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &refused) && (refused.Code == "QueueDoesNotExist" || refused.Code == "AWS.SimpleQueueService.NonExistentQueue"):
		return "", fmt.Errorf("%w: there is no queue %s in %s: is the stage deployed there, by this account?", queue.ErrUnavailable, name, c.Region)
	case err != nil:
		return "", fmt.Errorf("%w: where is the queue %s: %v", queue.ErrUnavailable, name, err)
	}
	return answer.QueueUrl, nil
}
