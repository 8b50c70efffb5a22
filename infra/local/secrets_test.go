package local

import (
	"strings"
	"testing"

	"ines/shared/policy/policyfile"
	"ines/shared/secret"
)

// While the sink stands in for the platforms every inbox can send, whatever
// credential it was given; with --live nothing is made up.
func TestTokensForTheSink(t *testing.T) {
	desk, err := policyfile.Load("../desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	given := func(token string) secret.Source {
		if token == "" {
			return secret.Static{}
		}
		return secret.Static{"token/northline-app": {token}, "token/northline-x": {token}}
	}
	for _, tc := range []struct{ inbox, given, want string }{
		{"northline-x", "", "made-up-token-of-northline-x"},
		{"northline-x", "mine", "mine"},
		{"northline-app", "", "https://northline-app.example/hooks whsec_"},
		{"northline-app", "mine", "https://northline-app.example/hooks whsec_"},
		{"northline-app", "whsec_bWluZQ", "https://northline-app.example/hooks whsec_bWluZQ"},
		{"northline-app", "https://app.example/in whsec_bWluZQ", "https://app.example/in whsec_bWluZQ"},
	} {
		s, err := openSecrets(t.Context(), openDB(t), given(tc.given), desk)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Values(t.Context(), secret.Token, tc.inbox)
		if err != nil || !strings.HasPrefix(got[0], tc.want) {
			t.Errorf("%s given %q: %q, %v; want %q", tc.inbox, tc.given, got, err, tc.want)
		}
	}
	live, err := openSecrets(t.Context(), openDB(t), given(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := live.Values(t.Context(), secret.Token, "northline-x"); err == nil {
		t.Errorf("with --live the token %q was made up", got)
	}
}
