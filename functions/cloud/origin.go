package cloud

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"ines/infra/plan"
)

type gateway = func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// guarded lets only requests to a function that come through the edge, where there
// is one: they carry its word. When the word can't be read nobody gets in, and is
// asked to come again.
func (c *Cloud) guarded(handle any) (any, error) {
	parameter := c.getenv(plan.EnvOrigin)
	if parameter == "" {
		return handle, nil
	}
	serve, ok := handle.(gateway)
	if !ok {
		return nil, fmt.Errorf("%s is set, and %s takes no requests of the HTTP API", plan.EnvOrigin, c.Plan.Name)
	}
	words := func(ctx context.Context) ([]string, error) { return c.Secrets.Parameter(ctx, parameter) }
	return gateway(func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		live, err := words(ctx)
		if err != nil {
			c.Log.Error("the edge's word can't be read", "parameter", parameter, "error", err.Error())
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusServiceUnavailable}, nil
		}
		if !says(e.Headers, live) {
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusForbidden}, nil
		}
		return serve(ctx, e)
	}), nil
}

// says compares in constant time, whatever the lengths.
func says(headers map[string]string, live []string) bool {
	var given string
	for name, v := range headers {
		if strings.EqualFold(name, plan.OriginHeader) {
			given = v
		}
	}
	said := sha256.Sum256([]byte(given))
	found := 0
	for _, word := range live {
		want := sha256.Sum256([]byte(word))
		found |= subtle.ConstantTimeCompare(said[:], want[:])
	}
	return found == 1 && given != ""
}
