package aws

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// Error is what a service answered with a status other than 2xx.
type Error struct {
	Service, Operation string
	Status             int
	// Code is the service's name for what is wrong, such as
	// ConditionalCheckFailedException; "" when the answer names none.
	Code      string
	Message   string
	RequestID string
	// Body is the whole answer, for the codes that say more.
	Body []byte
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %d", e.Service, e.Operation, e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// throttles are the codes by which services say that it is too much.
var throttles = map[string]bool{
	"ThrottlingException": true, "ThrottledException": true, "Throttling": true, "RequestThrottled": true, "RequestThrottledException": true,
	"TooManyRequestsException": true, "ProvisionedThroughputExceededException": true, "RequestLimitExceeded": true, "LimitExceededException": true,
	"TransactionInProgressException": true, "TooManyUpdates": true, "SlowDown": true, "BandwidthLimitExceeded": true, "EC2ThrottledException": true,
}

// Throttled reports whether it was too much at a time.
func (e *Error) Throttled() bool { return e.Status == http.StatusTooManyRequests || throttles[e.Code] }

// Temporary reports whether the same call may work a little later.
func (e *Error) Temporary() bool {
	return e.Throttled() || e.Status >= 500 || e.Status == http.StatusRequestTimeout || e.Code == "RequestTimeout" || e.Code == "RequestTimeoutException"
}

// readError finds the code and the message where the protocol has them.
func readError(call Call, resp *http.Response, text []byte) *Error {
	e := &Error{Service: call.Service, Operation: call.Operation, Status: resp.StatusCode, Body: text, RequestID: resp.Header.Get("X-Amzn-Requestid")}
	if e.RequestID == "" {
		e.RequestID = resp.Header.Get("X-Amz-Request-Id")
	}
	if call.Service == S3 {
		elements, _ := Elements(string(text)) // what is no XML says nothing
		for _, said := range elements {
			switch {
			case said.Parent != "Error":
			case said.Name == "Code":
				e.Code = said.Text
			case said.Name == "Message":
				e.Message = said.Text
			}
		}
		return e
	}
	var said struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"` // or Message: encoding/json takes either
	}
	if json.Unmarshal(text, &said) == nil {
		e.Code, e.Message = said.Type, said.Message
		if e.Code == "" {
			e.Code = said.Code
		}
	}
	if e.Code == "" {
		e.Code = resp.Header.Get("X-Amzn-Errortype")
	}
	if i := strings.LastIndexByte(e.Code, '#'); i >= 0 {
		e.Code = e.Code[i+1:]
	}
	e.Code, _, _ = strings.Cut(e.Code, ":")
	return e
}
