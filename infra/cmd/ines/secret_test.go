package main

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"ines/shared/secret/ssm/ssmfake"
)

// onAWS points the command at stand-ins.
func onAWS(t *testing.T, url string) {
	t.Helper()
	for name, v := range map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up",
		"AWS_ENDPOINT_URL": url, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "INES_STAGE": ""} {
		t.Setenv(name, v)
	}
}

func TestSecretPut(t *testing.T) {
	f := ssmfake.New(t)
	onAWS(t, f.URL)
	put := func(value string, args ...string) (string, error) {
		var out, notes bytes.Buffer
		err := putSecret(t.Context(), terminal{&out, &notes}, args, strings.NewReader(value))
		return out.String() + notes.String(), err
	}
	for i, tt := range []struct{ value, want string }{
		{"one\n", "version 1 is live.\n"}, {"two", "version 2 is live, and so is version 1"}, {"two\n", "version 3 is live.\n"},
	} {
		said, err := put(tt.value, "put", "northline-x", "--stage", "test")
		if err != nil || !strings.Contains(said, tt.want) || strings.Contains(said, strings.TrimSpace(tt.value)) {
			t.Errorf("%d: %q, %v", i, said, err)
		}
	}
	if got := f.Versions("/ines/test/inbox/northline-x/secret"); !slices.Equal(got, []string{"one", "two", "two"}) {
		t.Errorf("versions %q", got)
	}
	if _, err := put("-----BEGIN\nMII\n-----END\n", "put", "northline-mail", "--use", "token", "--stage", "test"); err != nil {
		t.Fatal(err)
	}
	if got := f.Versions("/ines/test/inbox/northline-mail/token"); !slices.Equal(got, []string{"-----BEGIN\nMII\n-----END"}) {
		t.Errorf("versions %q", got)
	}
	if _, err := put("k", "put", "--use", "link", "--stage", "test"); err != nil || len(f.Versions("/ines/test/link/key")) != 1 {
		t.Errorf("the key of link tokens: %v", err)
	}
	for _, args := range [][]string{
		{}, {"get", "northline-x"}, {"put", "--stage", "test"}, {"put", "northline-x"}, {"put", "northline-x", "s3cret", "--stage", "test"},
		{"put", "../x", "--stage", "test"}, {"put", "northline-x", "--use", "password", "--stage", "test"}, {"put", "northline-x", "--use", "link", "--stage", "test"},
	} {
		if _, err := put("v", args...); !errors.Is(err, errUsage) {
			t.Errorf("%v: %v", args, err)
		}
	}
	for _, value := range []string{"", " \n", strings.Repeat("x", longestSecret+1)} {
		if _, err := put(value, "put", "northline-x", "--stage", "test"); err == nil {
			t.Errorf("a value of %d bytes was put", len(value))
		}
	}
}
