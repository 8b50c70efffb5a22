package main

import (
	"bytes"
	"strings"
	"testing"

	"ines/infra/plan"
	"ines/shared/channel"
	"ines/shared/deposit"
)

// TestWhereLargeMailIs: in a folder, in the bucket that the environment names, or
// nowhere.
func TestWhereLargeMailIs(t *testing.T) {
	env := map[string]string{}
	getenv := func(name string) string { return env[name] }
	var warned bytes.Buffer
	if s, err := deposits("", &warned, getenv); s != nil || err != nil {
		t.Errorf("nowhere: %v, %v", s, err)
	}
	s, err := deposits(root+"/events/buckets", &warned, getenv)
	if err != nil {
		t.Fatal(err)
	}
	if mail, err := s.Fetch(t.Context(), channel.Deposit{Bucket: "northline-post-in", Key: "in/p0st0000000000000000000000000000000000001"}); err != nil || !strings.Contains(string(mail), "Broken buggy") {
		t.Errorf("%.80q, %v", mail, err)
	}
	env[plan.EnvMail] = "northline-mail-in"
	if _, err := deposits("", &warned, getenv); err == nil || !strings.Contains(err.Error(), "AWS_REGION") {
		t.Errorf("without credentials: %v", err)
	}
	env["AWS_REGION"], env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = "eu-west-1", "AKIAMADEUP", "made-up"
	if s, err := deposits("", &warned, getenv); err != nil || !strings.Contains(warned.String(), "northline-mail-in") {
		t.Errorf("%v, %v, said %q", s, err, &warned)
	} else if _, is := s.(*deposit.Bucket); !is {
		t.Errorf("it is a %T", s)
	}
	if _, err := deposits(root+"/events/buckets", &warned, getenv); err == nil {
		t.Error("both")
	}
}
