package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ines/shared/aws/awstest"
)

// logs stands in for CloudWatch Logs: pages of one line, each function's its own.
func logs(t *testing.T, written time.Time, lines func(group, filter string) []string) (string, *awstest.Faults) {
	t.Helper()
	f := &awstest.Faults{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.Serve(w, r, r.Header.Get("X-Amz-Target"), func(w http.ResponseWriter, body []byte, _ awstest.Fault) {
			var in struct {
				LogGroupName, FilterPattern, NextToken string
				StartTime                              int64
			}
			if err := json.Unmarshal(body, &in); err != nil || in.StartTime == 0 || r.Header.Get("X-Amz-Target") != "Logs_20140328.FilterLogEvents" {
				awstest.Refuse(w, 400, "InvalidParameterException", "")
				return
			}
			if !strings.HasPrefix(in.LogGroupName, "/ines/test/") {
				awstest.Refuse(w, 400, "ResourceNotFoundException", in.LogGroupName)
				return
			}
			all := lines(in.LogGroupName, in.FilterPattern)
			if written.UnixMilli() < in.StartTime {
				all = nil
			}
			out := map[string]any{"events": []any{}}
			if at := len(in.NextToken); at < len(all) {
				out["events"] = []any{map[string]any{"eventId": in.LogGroupName + all[at], "message": all[at] + "\n", "timestamp": written.UnixMilli() + int64(at)}}
				out["nextToken"] = strings.Repeat("x", at+1)
			}
			awstest.JSON(w, out)
		})
	}))
	t.Cleanup(server.Close)
	return server.URL, f
}

func TestTail(t *testing.T) {
	var filter string
	url, _ := logs(t, time.Now().Add(-time.Minute), func(group, f string) []string {
		filter = f
		if strings.HasSuffix(group, "relay") {
			return []string{`{"message":"one"}`, `{"message":"two"}`}
		}
		return nil
	})
	onAWS(t, url)
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := tail(t.Context(), terminal{&out, &out}, args)
		return out.String(), err
	}
	said, err := run("--stage", "test", "--once", "--inbox", "northline-x", "--case", "c1")
	if err != nil || strings.Count(said, "\n") != 2 || !strings.Contains(said, `relay    {"message":"two"}`) || filter != `"northline-x" "c1"` {
		t.Errorf("%v, filter %s\n%s", err, filter, said)
	}
	if said, err := run("desk", "--stage", "test", "--once"); err != nil || said != "" {
		t.Errorf("%q, %v", said, err)
	}
	if _, err := run("--stage", "elsewhere", "--once"); err == nil || !strings.Contains(err.Error(), "is the stage deployed") {
		t.Errorf("%v", err)
	}
	for _, args := range [][]string{{"--once"}, {"butler", "--stage", "test"}, {"--stage", "te/st", "--once"}, {"--stage", "test", "--since", "-1m"}} {
		if _, err := run(args...); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
}

// TestTailFollows: a line is printed once, however often it is seen.
func TestTailFollows(t *testing.T) {
	all := []string{"one"}
	var out bytes.Buffer
	looks := 0
	// CloudWatch's times are whole milliseconds, ours are not.
	now := time.Date(2026, 11, 20, 12, 0, 0, int(500*time.Microsecond), time.UTC)
	url, _ := logs(t, now.Add(-tailOverlap), func(string, string) []string { return all })
	enough := errors.New("enough")
	f := tailer{aws: awstest.Config(t, url), t: terminal{&out, &out}, groups: map[string]string{"relay": "/ines/test/relay"}, seen: map[string]time.Time{},
		now: func() time.Time { return now }, pause: func(context.Context) error {
			if looks++; looks == 3 {
				return enough
			}
			all = append(all, "more")[:2]
			return nil
		}}
	if err := f.follow(t.Context(), []string{"relay"}, now.Add(-time.Minute), false); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "one") != 1 || strings.Count(out.String(), "more") != 1 {
		t.Errorf("printed\n%s", &out)
	}
}

// TestTailGoesOn when CloudWatch does not answer for a while, and prints what it has
// missed; whoever looks once, or may not look at all, is told at once.
func TestTailGoesOn(t *testing.T) {
	var out, said bytes.Buffer
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	url, faults := logs(t, now.Add(-10*time.Second), func(string, string) []string { return []string{"one"} })
	const operation = "Logs_20140328.FilterLogEvents"
	enough := errors.New("enough")
	looks := 0
	f := tailer{aws: awstest.Config(t, url), t: terminal{&out, &said}, groups: map[string]string{"relay": "/ines/test/relay"}, seen: map[string]time.Time{},
		now: func() time.Time { return now }, pause: func(context.Context) error {
			faults.Heal()
			now = now.Add(time.Hour)
			if looks++; looks == 2 {
				return enough
			}
			return nil
		}}
	throttled := awstest.Fault{Operation: operation, Times: 100, Status: 400, Code: "ThrottlingException"}
	faults.Inject(throttled)
	if err := f.follow(t.Context(), []string{"relay"}, now.Add(-time.Minute), false); !errors.Is(err, enough) {
		t.Fatal(err)
	}
	if out.String() == "" || !strings.Contains(said.String(), "ThrottlingException") {
		t.Errorf("printed %q, said %q", &out, &said)
	}
	faults.Inject(throttled)
	if err := f.follow(t.Context(), []string{"relay"}, now, true); err == nil || errors.Is(err, enough) {
		t.Errorf("once: %v", err)
	}
	faults.Heal()
	faults.Inject(awstest.Fault{Operation: operation, Times: 100, Status: 400, Code: "AccessDeniedException"})
	if err := f.follow(t.Context(), []string{"relay"}, now, false); err == nil || errors.Is(err, enough) || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("who may not look: %v", err)
	}
}
