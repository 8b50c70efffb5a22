package receive

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/shared/archive/dir"
	"ines/shared/channel"
	"ines/shared/channel/registry"
	"ines/shared/channel/x"
	"ines/shared/lambdahttp"
	"ines/shared/policy/policyfile"
	"ines/shared/secret"
)

const sesDesk = `
brands: [{id: b, sign: "^{first_name}"}]
communities: [{id: c, brand: b, languages: [en], hours: {zone: Europe/London, mon-fri: ["08:00-20:00"]}}]
inboxes: [{id: northline-ses, channel: email, provider: ses, account: help@northline.example, community: c}]
departments: [{id: care, default: true}]
colleagues: [{id: ines, name: Ines Silva, roles: [agent], departments: [care], languages: [en]}]
`

// amazon is where SubscribeURL leads.
type amazon struct {
	status int
	err    error
	calls  []string
	stored func() int
	before int // how much was stored when the call came
}

func (a *amazon) RoundTrip(r *http.Request) (*http.Response, error) {
	a.calls, a.before = append(a.calls, r.URL.String()), a.stored()
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
}

// A topic that the inbox lists is subscribed once the delivery is durable; if that
// fails SNS is asked to deliver again. A topic it does not list is not.
func TestSubscriptionIsConfirmed(t *testing.T) {
	const topic = "arn:aws:sns:eu-west-1:123456789012:northline-mail"
	file := filepath.Join(t.TempDir(), "desk.yaml")
	if err := os.WriteFile(file, []byte(sesDesk), 0o600); err != nil {
		t.Fatal(err)
	}
	desk, err := policyfile.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile("../../shared/channel/email/testdata/ses/current.pem")
	if err != nil {
		t.Fatal(err)
	}
	e, _, err := lambdahttp.Load("../../shared/channel/email/testdata/ses/ses_subscription.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		secrets []string
		amazon  amazon
		want    int
		calls   int
		stored  int
	}{
		{"listed", []string{topic, string(key)}, amazon{status: 200}, 200, 1, 1},
		{"not listed", []string{string(key)}, amazon{status: 200}, 200, 0, 1},
		{"another listed", []string{topic + "-2", string(key)}, amazon{status: 200}, 401, 0, 0},
		{"SNS is out of reach", []string{topic, string(key)}, amazon{err: errors.New("no route")}, 503, 1, 1},
		{"SNS refuses", []string{topic, string(key)}, amazon{status: 403}, 503, 1, 1},
		{"SNS redirects", []string{topic, string(key)}, amazon{status: 302}, 503, 1, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			arch, err := dir.New(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			q := &taken{}
			tc.amazon.stored = func() int { return len(q.messages) }
			f := New(Config{Policy: desk, Find: registry.Find, Secrets: secret.Static{"secret/northline-ses": tc.secrets}, Queue: q, Archive: arch,
				Now: func() time.Time { return now }, HTTP: &http.Client{Transport: &tc.amazon, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
				Log: slog.New(slog.DiscardHandler)})
			resp, err := f.Handle(t.Context(), e)
			if err != nil || resp.StatusCode != tc.want || len(tc.amazon.calls) != tc.calls || len(q.messages) != tc.stored {
				t.Fatalf("status %d, calls %v, %d stored: %v", resp.StatusCode, tc.amazon.calls, len(q.messages), err)
			}
			if tc.calls > 0 && (tc.amazon.before != 1 || !strings.HasPrefix(tc.amazon.calls[0], "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription")) {
				t.Errorf("called %v with %d stored", tc.amazon.calls, tc.amazon.before)
			}
		})
	}
}

// Where the key to check with can't be had, the platform is to send again; nothing
// is let in meanwhile.
func TestWhatCannotBeVerifiedNowComesAgain(t *testing.T) {
	f := door(t, &taken{}, secrets)
	f.Find = func(string) (channel.Channel, bool) { return unsure{}, true }
	if resp, _ := f.Handle(t.Context(), mention(t, door(t, &taken{}, secrets))); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// unsure is X without its key.
type unsure struct{ x.Channel }

func (unsure) Verify(channel.Inbox, channel.Secrets, channel.Request, time.Time) error {
	return fmt.Errorf("%w: no route", channel.ErrNotNow)
}
