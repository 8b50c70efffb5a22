package deposit

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ines/shared/archive/s3/s3fake"
	"ines/shared/aws/awstest"
	"ines/shared/channel"
)

const (
	bucket = "northline-mail-in"
	mail   = "From: mara.quill@mail.example\r\n\r\nLook at my suitcase.\r\n"
)

func open(t *testing.T, owner string) (*Bucket, *s3fake.Fake) {
	t.Helper()
	f := s3fake.New(t)
	return reach(t, f, owner, 0), f
}

// reach opens the bucket; attempts are given up after a time, 0 for never.
func reach(t *testing.T, f *s3fake.Fake, owner string, giveUp time.Duration) *Bucket {
	t.Helper()
	c := awstest.Config(t, f.URL)
	c.AttemptTime, c.Attempts = cmp.Or(giveUp, c.AttemptTime), 2
	b, err := OpenBucket(c, bucket, owner)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func at(key string) channel.Deposit { return channel.Deposit{Bucket: bucket, Key: key} }

// both are the stores, holding one mail at in/1.
func both(t *testing.T) map[string]Store {
	t.Helper()
	b, f := open(t, "")
	f.Deposit(bucket, "in/1 +ü", []byte(mail), nil)
	f.Deposit("elsewhere", "in/1", []byte("a secret"), nil)
	dir := t.TempDir()
	for name, content := range map[string]string{bucket + "/in/1 +ü": mail, "outside": "a secret"} {
		path := filepath.Join(dir, "buckets", filepath.FromSlash(name))
		if name == "outside" {
			path = filepath.Join(dir, name)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "outside"), filepath.Join(dir, "buckets", bucket, "link")); err != nil {
		t.Fatal(err)
	}
	folder, err := OpenFolder(filepath.Join(dir, "buckets"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Store{"bucket": b, "folder": folder}
}

func TestFetch(t *testing.T) {
	for name, s := range both(t) {
		if got, err := s.Fetch(t.Context(), at("in/1 +ü")); err != nil || string(got) != mail {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		for _, d := range []channel.Deposit{
			at("in/2"), at(""), at("../outside"), at("in/../../outside"), at("in/./1"), at("link"), at("in"), at("/"), at("a\\b"), at("a\x00b"), at(strings.Repeat("k", 1025)),
			{Bucket: "elsewhere", Key: "in/1"}, {Bucket: "..", Key: "outside"}, {Bucket: "", Key: "outside"}, {Bucket: bucket + "/in", Key: "1"}, {Bucket: bucket + "/../..", Key: "outside"},
		} {
			got, err := s.Fetch(t.Context(), d)
			var lost *Lost
			if !errors.As(err, &lost) || lost.Why == "" || got != nil {
				t.Errorf("%s: %+v is given as %q, %v", name, d, got, err)
			}
		}
		ended, end := context.WithCancel(t.Context())
		end()
		var lost *Lost
		if _, err := s.Fetch(ended, at("in/1 +ü")); err == nil || errors.As(err, &lost) {
			t.Errorf("%s: when nobody waits any more: %v", name, err)
		}
	}
}

// TestOnlyTheBucketThatWasNamed: whatever a delivery says, no other bucket is asked.
func TestOnlyTheBucketThatWasNamed(t *testing.T) {
	b, f := open(t, "")
	for _, d := range []channel.Deposit{{Bucket: "elsewhere", Key: "k"}, {Bucket: "Northline-Mail-In", Key: "k"}, {Bucket: bucket + ".evil.example", Key: "k"},
		{Bucket: "169.254.169.254", Key: "latest/meta-data"}, at("../elsewhere/k")} {
		if _, err := b.Fetch(t.Context(), d); err == nil {
			t.Errorf("%+v is given", d)
		}
	}
	if _, err := (None{}).Fetch(t.Context(), at("k")); err == nil || f.Calls("GetObject") != 0 {
		t.Errorf("%v, %d calls", err, f.Calls("GetObject"))
	}
	for _, name := range []string{"", "a/b", "a b", "https://a"} {
		if _, err := OpenBucket(awstest.Config(t, f.URL), name, ""); err == nil {
			t.Errorf("%q was opened", name)
		}
	}
	if _, err := OpenFolder(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("a folder that is not there was opened")
	}
}

// TestWhatS3Says: what gets no better is told from what may, and from what will.
func TestWhatS3Says(t *testing.T) {
	const later, mendable, never = "later", "mendable", "never"
	for name, tt := range map[string]struct {
		fault awstest.Fault
		want  string
		says  string
	}{
		"slow down":           {awstest.Fault{Status: 503, Code: "SlowDown"}, later, "SlowDown"},
		"broken":              {awstest.Fault{Status: 500, Code: "InternalError"}, later, "InternalError"},
		"hung up":             {awstest.Fault{Lost: true}, later, ""},
		"no answer":           {awstest.Fault{Hang: true}, later, "no answer in time"},
		"denied":              {awstest.Fault{Status: 403, Code: "AccessDenied"}, mendable, "policy says no"},
		"gone":                {awstest.Fault{Status: 404, Code: "NoSuchKey"}, mendable, "does not have it any more"},
		"no bucket":           {awstest.Fault{Status: 404, Code: "NoSuchBucket"}, mendable, "there is no bucket"},
		"elsewhere":           {awstest.Fault{Status: 301, Code: "PermanentRedirect"}, never, "another region"},
		"deep storage":        {awstest.Fault{Status: 403, Code: "InvalidObjectState"}, never, "deep storage"},
		"a key that is off":   {awstest.Fault{Status: 400, Code: "KMS.DisabledException"}, never, "400"},
		"a customer's secret": {awstest.Fault{Status: 400, Code: "InvalidRequest"}, never, "400"},
	} {
		b, f := open(t, "")
		f.Deposit(bucket, "in/1", []byte(mail), nil)
		f.Inject(tt.fault)
		asked := b
		if tt.fault.Hang {
			asked = reach(t, f, "", 50*time.Millisecond)
		}
		_, err := asked.Fetch(t.Context(), at("in/1"))
		var lost *Lost
		got := later
		if errors.As(err, &lost) {
			got = map[bool]string{true: mendable, false: never}[lost.Mendable]
		}
		if err == nil || got != tt.want {
			t.Errorf("%s: %v is %s, want %s", name, err, got, tt.want)
		}
		if err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
		f.Heal()
		if got, err := b.Fetch(t.Context(), at("in/1")); err != nil || string(got) != mail {
			t.Errorf("%s: afterwards %q, %v", name, got, err)
		}
	}
}

func TestOwner(t *testing.T) {
	b, f := open(t, "111122223333")
	f.Deposit(bucket, "in/1", []byte(mail), nil)
	f.Own("444455556666")
	var lost *Lost
	if _, err := b.Fetch(t.Context(), at("in/1")); !errors.As(err, &lost) {
		t.Errorf("another account's bucket: %v", err)
	}
	f.Own("111122223333")
	if _, err := b.Fetch(t.Context(), at("in/1")); err != nil {
		t.Errorf("our account's bucket: %v", err)
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	b, f := open(t, "")
	f.Deposit(bucket, "sealed", []byte("\x00\x01"), map[string]string{"X-Amz-Meta-X-Amz-Key-V2": "made up", "X-Amz-Meta-X-Amz-Iv": "made up"})
	f.Deposit(bucket, "huge", make([]byte, MaxBytes+1), nil)
	f.Deposit(bucket, "large", bytes.Repeat([]byte("x"), MaxBytes), nil)
	for key, why := range map[string]string{"sealed": "encrypted", "huge": "at most"} {
		var lost *Lost
		if _, err := b.Fetch(t.Context(), at(key)); !errors.As(err, &lost) || lost.Mendable || !strings.Contains(lost.Why, why) {
			t.Errorf("%s: %v", key, err)
		}
	}
	if got, err := b.Fetch(t.Context(), at("large")); err != nil || len(got) != MaxBytes {
		t.Errorf("the largest: %d bytes, %v", len(got), err)
	}
	f.Deposit(bucket, "in/1", []byte(mail), nil)
	f.Cut(10, 2)
	if got, err := b.Fetch(t.Context(), at("in/1")); err != nil || string(got) != mail {
		t.Errorf("broken off twice: %q, %v", got, err)
	}
	f.Cut(10, 99)
	var lost *Lost
	if _, err := b.Fetch(t.Context(), at("in/1")); err == nil || errors.As(err, &lost) {
		t.Errorf("broken off for ever: %v", err)
	}
}
