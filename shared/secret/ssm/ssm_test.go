package ssm_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"ines/shared/aws/awstest"
	"ines/shared/secret"
	"ines/shared/secret/secrettest"
	"ines/shared/secret/ssm"
	"ines/shared/secret/ssm/ssmfake"
)

const prefix = "/ines/test"

func TestConformance(t *testing.T) {
	secrettest.Run(t, func(t testing.TB, set secret.Static) secret.Source {
		s, f, _ := open(t)
		for name, values := range set {
			use, inbox, _ := strings.Cut(name, "/")
			for _, v := range slices.Backward(values) {
				f.Put(s.Name(secret.Use(use), inbox), v)
			}
		}
		return s
	})
}

// open gives a source with a clock to move.
func open(t testing.TB) (*ssm.Source, *ssmfake.Fake, *time.Time) {
	t.Helper()
	f := ssmfake.New(t)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	s, err := ssm.Open(awstest.Config(t, f.URL), ssm.Config{Prefix: prefix, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s, f, &now
}

const shop = prefix + "/inbox/shop-x/secret"

func values(t *testing.T, s *ssm.Source) string {
	t.Helper()
	got, err := s.Values(t.Context(), secret.Sign, "shop-x")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(got, " ")
}

// TestRotation: two live, then the newer two; the same value twice ends the old one.
func TestRotation(t *testing.T) {
	s, f, now := open(t)
	for _, step := range []struct{ put, want string }{{"one", "one"}, {"two", "two one"}, {"three", "three two"}, {"three", "three"}, {"four", "four three"}} {
		f.Put(shop, step.put)
		*now = now.Add(5 * time.Minute)
		if got := values(t, s); got != step.want {
			t.Errorf("after %s: %s, want %s", step.put, got, step.want)
		}
	}
	f.Put(prefix+"/inbox/shop-x/token", "old")
	f.Put(prefix+"/inbox/shop-x/token", "new")
	if got, err := s.Values(t.Context(), secret.Token, "shop-x"); err != nil || !slices.Equal(got, []string{"new"}) {
		t.Errorf("tokens: %d, %v; want the current one alone", len(got), err)
	}
}

func TestKept(t *testing.T) {
	s, f, now := open(t)
	f.Put(shop, "one")
	values(t, s)
	asked := f.Calls("GetParameter")
	*now = now.Add(5*time.Minute - 1)
	values(t, s)
	if _, err := s.Values(t.Context(), secret.Verify, "shop-x"); !errors.Is(err, secret.ErrMissing) {
		t.Fatal(err)
	}
	if _, err := s.Values(t.Context(), secret.Verify, "shop-x"); !errors.Is(err, secret.ErrMissing) {
		t.Fatal(err)
	}
	if n := f.Calls("GetParameter") - asked; n != 1 {
		t.Errorf("asked %d times more, want once: for the missing one", n)
	}
	*now = now.Add(1)
	values(t, s)
	if n := f.Calls("GetParameter") - asked; n != 2 {
		t.Errorf("asked %d times more, want twice", n)
	}
}

// TestFailing: what was read before is used for an hour; then, and without having
// been read, there is nothing to verify with.
func TestFailing(t *testing.T) {
	s, f, now := open(t)
	f.Put(shop, "one")
	f.Put(prefix+"/inbox/shop-y/secret", "never read")
	values(t, s)
	f.Inject(awstest.Fault{Status: 400, Code: "ThrottlingException"})
	*now = now.Add(5 * time.Minute)
	before := f.Calls("GetParameter")
	for range 3 {
		if got := values(t, s); got != "one" {
			t.Errorf("got %q", got)
		}
	}
	if n := f.Calls("GetParameter") - before; n != 4 {
		t.Errorf("%d calls, want the 4 attempts of one asking: a failing SSM is left alone for a while", n)
	}
	got, err := s.Values(t.Context(), secret.Sign, "shop-y")
	if !errors.Is(err, secret.ErrUnavailable) || errors.Is(err, secret.ErrMissing) || len(got) != 0 || strings.Contains(err.Error(), "never read") {
		t.Errorf("%d values, %v", len(got), err)
	}
	*now = now.Add(55 * time.Minute)
	if got, err := s.Values(t.Context(), secret.Sign, "shop-x"); !errors.Is(err, secret.ErrUnavailable) || len(got) != 0 {
		t.Errorf("an hour old: %d values, %v", len(got), err)
	}
	f.Heal()
	*now = now.Add(10 * time.Second)
	if got := values(t, s); got != "one" {
		t.Errorf("got %q", got)
	}
}

// TestStandingInLine: what was never read is asked for patiently, since nothing can be
// verified without it.
func TestStandingInLine(t *testing.T) {
	s, f, _ := open(t)
	f.Put(shop, "one")
	f.Put(shop, "two")
	f.Inject(awstest.Fault{Times: 9, Status: 400, Code: "ThrottlingException"})
	if got := values(t, s); got != "two one" {
		t.Errorf("got %q", got)
	}
}

// TestTemporary: a fault and a lost answer are waited out.
func TestTemporary(t *testing.T) {
	s, f, _ := open(t)
	f.Put(shop, "one")
	f.Put(shop, "two")
	f.Inject(awstest.Fault{Times: 1, Status: 500})
	f.Inject(awstest.Fault{Times: 1, Lost: true})
	if got := values(t, s); got != "two one" {
		t.Errorf("got %q", got)
	}
}

func TestNotASecret(t *testing.T) {
	s, f, _ := open(t)
	f.Type = "String"
	f.Put(shop, "plain")
	if got, err := s.Values(t.Context(), secret.Sign, "shop-x"); !errors.Is(err, secret.ErrUnavailable) || len(got) != 0 || !strings.Contains(err.Error(), "SecureString") {
		t.Errorf("%d values, %v", len(got), err)
	}
}

func TestPut(t *testing.T) {
	s, f, _ := open(t)
	for i, v := range []string{"one", "two"} {
		if n, err := s.Put(t.Context(), secret.Sign, "shop-x", v); err != nil || n != i+1 {
			t.Fatalf("version %d, %v", n, err)
		}
		if got := values(t, s); !strings.HasPrefix(got, v) {
			t.Errorf("after putting %s: %s", v, got)
		}
	}
	for inbox, v := range map[string]string{"": "v", "../etc": "v", "shop/x": "v", "shop-x": ""} {
		if _, err := s.Put(t.Context(), secret.Sign, inbox, v); err == nil {
			t.Errorf("put %q of inbox %q", v, inbox)
		}
	}
	f.Inject(awstest.Fault{Status: 403, Code: "AccessDeniedException"})
	if _, err := s.Put(t.Context(), secret.Sign, "shop-x", "hush"); !errors.Is(err, secret.ErrUnavailable) || strings.Contains(err.Error(), "hush") {
		t.Errorf("got %v", err)
	}
}

// TestPutOnce: whatever becomes of the answers, a value is put once, or the one before
// it would end with it.
func TestPutOnce(t *testing.T) {
	const put, get = "PutParameter", "GetParameter"
	for name, tt := range map[string]struct {
		faults []awstest.Fault
		had    string // what is put comes to
	}{
		"lost":             {[]awstest.Fault{{Operation: put, Times: 1, Lost: true}}, "old new"},
		"refused, lost":    {[]awstest.Fault{{Operation: put, Times: 1, Status: 500}, {Operation: put, Times: 1, Lost: true}}, "old new"},
		"throttled":        {[]awstest.Fault{{Operation: put, Times: 3, Status: 400, Code: "ThrottlingException"}}, "old new"},
		"too many":         {[]awstest.Fault{{Operation: put, Times: 2, Status: 400, Code: "TooManyUpdates"}}, "old new"},
		"lost at last":     {[]awstest.Fault{{Operation: put, Times: 4, Status: 503}, {Operation: put, Times: 1, Lost: true}}, "old new"},
		"busy all along":   {[]awstest.Fault{{Operation: put, Status: 503}}, "old"},
		"lost and unasked": {[]awstest.Fault{{Operation: get, Times: 1, Status: 400, Code: "AccessDeniedException"}, {Operation: put, Times: 1, Lost: true}}, "old new"},
		"may not ask":      {[]awstest.Fault{{Operation: get, Status: 400, Code: "AccessDeniedException"}}, "old new"},
		"may not put":      {[]awstest.Fault{{Operation: put, Status: 400, Code: "AccessDeniedException"}}, "old"},
	} {
		s, f, _ := open(t)
		f.Put(shop, "old")
		for _, fault := range tt.faults {
			f.Inject(fault)
		}
		version, err := s.Put(t.Context(), secret.Sign, "shop-x", "new")
		if had := strings.Join(f.Versions(shop), " "); had != tt.had || err == nil && version != 2 {
			t.Errorf("%s: has %q, want %q; version %d, %v", name, had, tt.had, version, err)
		}
		if failed := tt.had == "old" || name == "lost and unasked"; failed != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
		if strings.HasPrefix(name, "lost and") != (err != nil && strings.Contains(err.Error(), "may have been put")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// On purpose the same value may be put again.
	s, f, _ := open(t)
	f.Put(shop, "old")
	f.Put(shop, "new")
	f.Inject(awstest.Fault{Operation: put, Times: 1, Status: 500})
	if n, err := s.Put(t.Context(), secret.Sign, "shop-x", "new"); err != nil || n != 3 || values(t, s) != "new" {
		t.Errorf("version %d, %v", n, err)
	}
	// And a parameter that anybody may read is put right.
	s, f, _ = open(t)
	f.Put(shop, "plain")
	f.Type = "String"
	if n, err := s.Put(t.Context(), secret.Sign, "shop-x", "new"); err != nil || n != 2 {
		t.Errorf("version %d, %v", n, err)
	}
}

// TestPutAndLeft: who does not wait for the answer is told that the value may be there.
// Put again it would end the one before it.
func TestPutAndLeft(t *testing.T) {
	s, f, _ := open(t)
	f.Put(shop, "old")
	f.Inject(awstest.Fault{Operation: "PutParameter", Hang: true})
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Put(ctx, secret.Sign, "shop-x", "new")
		done <- err
	}()
	for f.Calls("PutParameter") == 0 {
		runtime.Gosched() // until it hangs
	}
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "may have been put") {
		t.Errorf("got %v", err)
	}
	if _, err := s.Put(ctx, secret.Sign, "shop-x", "new"); !errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "may have been put") {
		t.Errorf("before anything was sent: %v", err)
	}
}

// TestWaiting: one asks for all, and who does not want to wait need not.
func TestWaiting(t *testing.T) {
	s, f, _ := open(t)
	f.Put(shop, "one")
	f.Inject(awstest.Fault{Times: 1, Hang: true})
	first, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := s.Values(first, secret.Sign, "shop-x")
		done <- err
	}()
	for f.Calls("GetParameter") == 0 {
		runtime.Gosched() // until the first hangs
	}
	second, leave := context.WithCancel(t.Context())
	go leave()
	if _, err := s.Values(second, secret.Sign, "shop-x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := values(t, s); got != "one" { // a caller who left is no failure of SSM's
		t.Errorf("got %q", got)
	}
}
