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
// asked to come again. So is who says another word: when it is changed CloudFront says
// the old one for a while, and not every platform comes again after 403.
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
		switch given := word(e.Headers); {
		case given == "":
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusForbidden}, nil
		case !says(given, live):
			c.Log.Warn("a request says another word than the edge's: was it changed, and CloudFront does not have it everywhere yet?", "parameter", parameter)
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusServiceUnavailable}, nil
		}
		return serve(ctx, e)
	}), nil
}

// word is what a request says.
func word(headers map[string]string) (given string) {
	for name, v := range headers {
		if strings.EqualFold(name, plan.OriginHeader) {
			given = v
		}
	}
	return given
}

// says compares in constant time, whatever the lengths.
func says(given string, live []string) bool {
	said := sha256.Sum256([]byte(given))
	found := 0
	for _, one := range live {
		want := sha256.Sum256([]byte(one))
		found |= subtle.ConstantTimeCompare(said[:], want[:])
	}
	return found == 1
}
