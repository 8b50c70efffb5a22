// Package aws calls AWS's services: it signs requests, finds their endpoints,
// retries what may be retried and reads the errors. It knows the two protocols
// that the drivers need, JSON and S3's REST, and no operation.
//
// Signing, credentials and the operator's configuration are the SDK's. Its service
// clients are not used in functions: the rule language of the desk policy looks
// methods up by name, which keeps the linker from dropping any of a client's hundreds
// of operations, and the clients for DynamoDB, SQS, S3 and SSM make a function 8 MB
// larger (arm64, stripped).
//
// Drivers of the ports import it, bootstraps and the operator's command open it; the
// mail channel signs with it.
// It imports nothing of ours.
package aws

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config is how to reach AWS. The zero value of everything but Region and
// Credentials is a good default. A Config is shared by all drivers of a process,
// and must not be changed once it is in use.
type Config struct {
	Region string
	// Credentials are asked for before every attempt. It must be safe for
	// concurrent use.
	Credentials func(context.Context) (Credentials, error)
	// Endpoint gives the URL of a service that is not at AWS's own address, ""
	// for those that are.
	Endpoint func(service string) string
	HTTP     *http.Client

	// Attempts is how often a call is tried, AttemptTime how long each may take
	// until the answer's header is there. 0: 4 times, 5 seconds.
	Attempts    int
	AttemptTime time.Duration

	Now    func() time.Time
	Pause  func(context.Context, time.Duration) error // sleeps between attempts
	Jitter func() float64                             // in [0, 1)
}

// FromEnvironment takes the variables that Lambda sets and those that point a
// service elsewhere: AWS_REGION (or AWS_DEFAULT_REGION), AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_ENDPOINT_URL,
// AWS_ENDPOINT_URL_<SERVICE> and AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
func FromEnvironment(getenv func(string) string) (Config, error) {
	c := Config{Region: getenv("AWS_REGION"), Endpoint: Endpoints(getenv)}
	if c.Region == "" {
		c.Region = getenv("AWS_DEFAULT_REGION")
	}
	keys := Credentials{AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: getenv("AWS_SESSION_TOKEN")}
	switch {
	case c.Region == "":
		return c, errors.New("AWS_REGION is not set: it names the region of the stack")
	case keys.AccessKeyID == "" || keys.SecretAccessKey == "":
		return c, errors.New("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: Lambda sets them to the function's role")
	}
	c.Credentials = func(context.Context) (Credentials, error) { return keys, nil }
	for _, service := range []string{DynamoDB, SQS, S3, SSM, Bedrock} {
		if at := c.Endpoint(service); at != "" {
			if u, err := url.Parse(at); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
				return c, fmt.Errorf("the endpoint of %s is %q, want a URL such as http://127.0.0.1:8000 (AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_%s)", service, at, services[service].variable)
			}
		}
	}
	return c, nil
}

// Endpoints reads the AWS_ENDPOINT_URL variables.
func Endpoints(getenv func(string) string) func(service string) string {
	return func(service string) string {
		if strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
			return ""
		}
		if at := getenv("AWS_ENDPOINT_URL_" + services[service].variable); at != "" {
			return at
		}
		return getenv("AWS_ENDPOINT_URL")
	}
}

// Token is the credential in the form that inboxes at SES have theirs:
// AccessKeyId:SecretAccessKey:region:SessionToken.
func (c Config) Token(ctx context.Context) (string, error) {
	keys, err := c.Credentials(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errCredentials, err)
	}
	return strings.Join([]string{keys.AccessKeyID, keys.SecretAccessKey, c.Region, keys.SessionToken}, ":"), nil
}

// The services, by the name that is signed.
const (
	DynamoDB = "dynamodb"
	Streams  = "dynamodbstreams" // signed as dynamodb
	SQS      = "sqs"
	S3       = "s3"
	SSM      = "ssm"
	Events   = "events"
	Logs     = "logs"
	SES      = "ses"
	Bedrock  = "bedrock"
)

// service is what differs between services.
type service struct {
	variable string // the end of AWS_ENDPOINT_URL_…
	host     string // the first part of its host name
	signed   string
}

var services = map[string]service{
	DynamoDB: {"DYNAMODB", "dynamodb", "dynamodb"},
	Streams:  {"DYNAMODB_STREAMS", "streams.dynamodb", "dynamodb"},
	SQS:      {"SQS", "sqs", "sqs"},
	S3:       {"S3", "s3", "s3"},
	SSM:      {"SSM", "ssm", "ssm"},
	Events:   {"EVENTBRIDGE", "events", "events"},
	Logs:     {"CLOUDWATCH_LOGS", "logs", "logs"},
	SES:      {"SESV2", "email", "ses"},
	Bedrock:  {"BEDROCK_RUNTIME", "bedrock-runtime", "bedrock"},
}

// URL is where a service is, without a slash at the end.
func (c Config) URL(name string) string {
	if c.Endpoint != nil {
		if at := c.Endpoint(name); at != "" {
			return strings.TrimSuffix(at, "/")
		}
	}
	return "https://" + services[name].host + "." + c.Region + "." + suffix(c.Region)
}

// Custom reports whether the service is not at AWS's own address.
func (c Config) Custom(name string) bool { return c.Endpoint != nil && c.Endpoint(name) != "" }

// Object is the URL of an object in a bucket of S3, or with key "" of the bucket. AWS
// wants the bucket in the host name; elsewhere, and where a dot in the name would
// break TLS, it is in the path.
func (c Config) Object(bucket, key string, query url.Values) string {
	at := c.URL(S3)
	if c.Custom(S3) || strings.Contains(bucket, ".") {
		at += "/" + Escape(bucket)
	} else {
		scheme, host, _ := strings.Cut(at, "://")
		at = scheme + "://" + bucket + "." + host
	}
	at += "/" + Escape(key)
	if len(query) > 0 {
		at += "?" + query.Encode()
	}
	return at
}

// suffix is the end of the host names of a region's partition.
func suffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// client is shared by all configs that name none: connections are kept, as many
// per host as one function has use for.
var client = &http.Client{
	Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 3 * time.Second,
		MaxIdleConns:        100,
		MaxIdleConnsPerHost: 50,
		IdleConnTimeout:     50 * time.Second,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (c Config) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	return client
}

func (c Config) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c Config) attempts() int {
	if c.Attempts > 0 {
		return c.Attempts
	}
	return 4
}

func (c Config) attemptTime() time.Duration {
	if c.AttemptTime > 0 {
		return c.AttemptTime
	}
	return 5 * time.Second
}

const (
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// Backoff sleeps after the nth failed attempt, from 1: up to 50 ms, doubling, at
// most two seconds, and a random part of it so that those who failed together do
// not come back together. Drivers use it for what they retry themselves.
func (c Config) Backoff(ctx context.Context, n int) error {
	part := rand.Float64
	if c.Jitter != nil {
		part = c.Jitter
	}
	d := time.Duration(part() * float64(min(firstPause<<min(n-1, 10), longestPause)))
	if c.Pause != nil {
		return c.Pause(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
