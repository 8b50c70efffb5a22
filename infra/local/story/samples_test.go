package story_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ines/infra/local"
	"ines/infra/plan"
	"ines/shared/policy/policyfile"
	"ines/shared/secret/env"
)

// Each function that no webhook triggers has a saved event to be invoked with, named
// after it; each succeeds on an empty desk and once more after that.
func TestSavedEvents(t *testing.T) {
	desk, err := policyfile.Load("../../desk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := env.New(func(string) (string, bool) { return "", false }, "../../desk.secrets.env")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range plan.Default().Functions {
		folder := "schedule"
		switch {
		case len(f.Trigger.Routes) > 0:
			continue
		case f.Trigger.Queue != "":
			folder = "sqs"
		case f.Trigger.Stream:
			folder = "dynamodb"
		}
		t.Run(f.Name, func(t *testing.T) {
			event, err := os.ReadFile(filepath.Join("../../../events", folder, f.Name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			host, err := local.Open(local.Config{Data: t.TempDir(), Desk: desk, Secrets: secrets})
			if err != nil {
				t.Fatal(err)
			}
			defer host.Close() //nolint:errcheck // the folder goes away
			for range 2 {
				out, err := host.Invoke(t.Context(), f.Name, event)
				if err != nil {
					t.Fatal(err)
				}
				var answer struct {
					Failures []json.RawMessage `json:"batchItemFailures"`
				}
				if err := json.Unmarshal(out, &answer); err != nil && strings.TrimSpace(string(out)) != "" {
					t.Fatalf("%v in %s", err, out)
				}
				if len(answer.Failures) > 0 {
					t.Errorf("failed: %s", out)
				}
			}
		})
	}
}
