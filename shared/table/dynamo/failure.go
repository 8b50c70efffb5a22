package dynamo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"ines/shared/aws"
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

// reason is why one operation of a canceled transaction was not done.
type reason struct{ Code, Message string }

// details is what an error says besides its code.
type details struct {
	CancellationReasons []reason // one for each operation
	Item                map[string]json.RawMessage
}

// judge says what the error of an attempt means.
func judge(err error) (verdict, []reason) {
	if errors.Is(err, errUnprocessed) {
		return later, nil
	}
	var refused *aws.Error
	if !errors.As(err, &refused) {
		return unsure, nil // no answer, or none that makes sense
	}
	if refused.Code == "TransactionCanceledException" {
		reasons := detailsOf(refused).CancellationReasons
		return weighReasons(reasons), reasons
	}
	if v, known := codes[refused.Code]; known {
		return v, nil
	}
	switch {
	case refused.Status >= http.StatusInternalServerError:
		return unsure, nil
	case refused.Temporary():
		return later, nil
	}
	return hopeless, nil
}

func detailsOf(e *aws.Error) (d details) {
	_ = json.Unmarshal(e.Body, &d) // what can't be read is not there
	return d
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
func weighReasons(all []reason) verdict {
	found := map[verdict]bool{}
	for _, r := range all {
		if v, known := codes[r.Code]; known {
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

// failed picks the keys of the writes whose conditions failed.
func failed(reasons []reason, writes []table.Write) []table.Key {
	var keys []table.Key
	for i, r := range reasons {
		if v, known := codes[r.Code]; known && v == conflict && i < len(writes) {
			keys = append(keys, writes[i].Item.Key)
		}
	}
	return keys
}

// unavailable and refused give an error the port's kind. Its words are kept, its
// type is not.
func unavailable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %s", table.ErrUnavailable, doing, words(err))
}

func refused(doing string, err error) error {
	return fmt.Errorf("%w: %s: DynamoDB refuses: %s", table.ErrInvalid, doing, words(err))
}

func words(err error) string {
	var e *aws.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	said := e.Error()
	for i, r := range detailsOf(e).CancellationReasons {
		if r.Code != "" && r.Code != "None" {
			said += fmt.Sprintf("; operation %d: %s %s", i, r.Code, r.Message)
		}
	}
	if e.Code == missing {
		said += " (is the table's name right, and the region, and the endpoint?)"
	}
	return said
}

// missing is the code for a table or an index that is not there.
const missing = "ResourceNotFoundException"

// writer is the mark of the item that made a put's condition fail.
func writer(err error) string {
	var e *aws.Error
	if !errors.As(err, &e) {
		return ""
	}
	var mark events.DynamoDBAttributeValue
	raw, has := detailsOf(e).Item[stream.Writer]
	if !has || json.Unmarshal(raw, &mark) != nil || mark.DataType() != events.DataTypeString {
		return ""
	}
	return mark.String()
}
