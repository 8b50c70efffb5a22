package policy_test

import (
	"os"
	"testing"

	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

func TestMain(m *testing.M) {
	policy.Load, policy.Parse = policyfile.Load, policyfile.Parse
	os.Exit(m.Run())
}
