package dynamo

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"ines/shared/table"
	"ines/shared/table/stream"
)

// verdict is what an attempt's error means for the call.
type verdict uint8

const (
	conflict verdict = iota // a condition failed
	invalid                 // DynamoDB will never take this
	later                   // not done; ask again
	unsure                  // perhaps done; ask again
	hopeless                // not done, and asking again at once is of no use
)

// reasons are the codes of a canceled transaction, one for each operation.
type reasons []types.CancellationReason

// judge says what an error of the SDK means.
func judge(err error) (verdict, reasons) {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return weighReasons(canceled.CancellationReasons), canceled.CancellationReasons
	}
	if errors.Is(err, errUnprocessed) {
		return later, nil
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return unsure, nil // no answer, or none that makes sense
	}
	if v, known := codes[api.ErrorCode()]; known {
		return v, nil
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError {
		return unsure, nil
	}
	return hopeless, nil
}

// The codes of the API's errors and of a canceled transaction's reasons.
var codes = map[string]verdict{
	"ConditionalCheckFailedException": conflict,
	"ConditionalCheckFailed":          conflict,

	"ValidationException":                      invalid,
	"ValidationError":                          invalid,
	"ItemCollectionSizeLimitExceededException": invalid,
	"ItemCollectionSizeLimitExceeded":          invalid,

	"ProvisionedThroughputExceededException": later,
	"ProvisionedThroughputExceeded":          later,
	"ThrottlingException":                    later,
	"ThrottlingError":                        later,
	"RequestLimitExceeded":                   later,
	"TransactionConflictException":           later,
	"TransactionConflict":                    later,
	"TransactionInProgressException":         later,
	"ReplicatedWriteConflictException":       later,

	"InternalServerError": unsure,
}

// weighReasons finds the reason that decides: a failed condition stands whatever
// else happened; what can never work comes next.
func weighReasons(all []types.CancellationReason) verdict {
	found := map[verdict]bool{}
	for _, r := range all {
		if v, known := codes[code(r)]; known {
			found[v] = true
		}
	}
	for _, v := range []verdict{conflict, invalid, later} {
		if found[v] {
			return v
		}
	}
	return hopeless
}

func code(r types.CancellationReason) string {
	if r.Code == nil {
		return ""
	}
	return *r.Code
}

// failed picks the keys of the writes whose conditions failed.
func (rs reasons) failed(writes []table.Write) []table.Key {
	var keys []table.Key
	for i, r := range rs {
		if v, known := codes[code(r)]; known && v == conflict && i < len(writes) {
			keys = append(keys, writes[i].Item.Key)
		}
	}
	return keys
}

// unavailable and refused give an error of the SDK the port's kind. Its words are
// kept, the SDK's types are not.
func unavailable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %s", table.ErrUnavailable, doing, words(err))
}

func refused(doing string, err error) error {
	return fmt.Errorf("%w: %s: DynamoDB refuses: %s", table.ErrInvalid, doing, words(err))
}

func words(err error) string {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		said := "transaction canceled:"
		for i, r := range canceled.CancellationReasons {
			if c := code(r); c != "" && c != "None" {
				said += fmt.Sprintf(" %d %s", i, c)
				if r.Message != nil {
					said += " (" + *r.Message + ")"
				}
			}
		}
		return said
	}
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return "there is no such table or index here: is it the right name, region and endpoint? " + missing.ErrorMessage()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return err.Error()
}

// writer is the mark of the item that made a put's condition fail.
func writer(err error) string {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return ""
	}
	if mark, ok := failed.Item[stream.Writer].(*types.AttributeValueMemberS); ok {
		return mark.Value
	}
	return ""
}
