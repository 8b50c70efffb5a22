package plan

import (
	"slices"
	"strings"
	"testing"
)

// TestVariables: a function is told of what it may touch, and of nothing else.
func TestVariables(t *testing.T) {
	want := map[string]string{
		Receive:  "INES_ARCHIVE INES_DESK INES_PUBLIC_URL INES_QUEUE_INBOUND INES_SECRETS INES_STAGE",
		Classify: "INES_ARCHIVE INES_DESK INES_QUEUE_CASES_FIFO INES_QUEUE_INBOUND INES_STAGE INES_TABLE",
		Casework: "INES_DESK INES_QUEUE_CASES_FIFO INES_SECRETS INES_STAGE INES_TABLE",
		Relay:    "INES_BUS INES_DESK INES_QUEUE_CASES_FIFO INES_QUEUE_REPLIES_FIFO INES_STAGE INES_TABLE",
		Reply:    "INES_ARCHIVE INES_DESK INES_PUBLIC_URL INES_QUEUE_CASES_FIFO INES_QUEUE_REPLIES_FIFO INES_SECRETS INES_STAGE INES_TABLE",
		Desk:     "INES_ARCHIVE INES_CLIENT INES_CONSOLE_URL INES_DESK INES_ISSUER INES_SECRETS INES_STAGE INES_TABLE",
		Clock:    "INES_ARCHIVE INES_DESK INES_QUEUE_CASES_FIFO INES_STAGE INES_TABLE",
	}
	for _, f := range Default().Functions {
		if got := strings.Join(f.Variables(), " "); got != want[f.Name] {
			t.Errorf("%s needs %s\nwant %s", f.Name, got, want[f.Name])
		}
	}
}

// TestGuardedRoutes: the API is behind the authorizer, and what people have to
// reach before they are anybody is not.
func TestGuardedRoutes(t *testing.T) {
	desk, _ := Default().Function(Desk)
	for _, route := range desk.Trigger.Guarded {
		if !slices.Contains(desk.Trigger.Routes, route) {
			t.Errorf("%s is guarded and is no route", route)
		}
	}
	for request, want := range map[string]bool{
		"GET /api/cases": true, "POST /api/cases/c1/replies": true, "DELETE /api/x": true,
		"GET /": false, "GET /sign-in": false, "GET " + SignInCallback: false, "GET " + SignedOut: false, "GET /cases/c1": false,
		"POST /cases/c1/notes": false, "GET /healthz": false, "GET /openapi.json": false, "GET /assets/console.css": false,
	} {
		if got := slices.Contains(desk.Trigger.Guarded, servedBy(request)); got != want {
			t.Errorf("%s is guarded: %v, want %v", request, got, want)
		}
	}
	for _, f := range Default().Functions {
		if f.Name != Desk && len(f.Trigger.Guarded) > 0 {
			t.Errorf("%s is for platforms or for nobody: no token guards it", f.Name)
		}
	}
}

func TestIsStage(t *testing.T) {
	for name, want := range map[string]bool{"dev": true, "prod-2": true, "a": true, "abcdefghijklmnopqrst": true, "abcdefghijklmnopqrstu": false,
		"": false, "2prod": false, "-a": false, "Prod": false, "pro/d": false, "prod ": false, "prød": false} {
		if IsStage(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
