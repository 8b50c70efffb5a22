// Package ssmfake stands in for the parameters of AWS Systems Manager in tests, in
// memory, with versions. Tests of the SSM driver and of what is built on it import it.
package ssmfake

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ines/shared/aws/awstest"
)

// Fake is the service.
type Fake struct {
	awstest.Faults
	URL string

	mu       sync.Mutex
	versions map[string][]string
	// Type is what it says parameters are.
	Type string
}

// New starts the service without parameters.
func New(t testing.TB) *Fake {
	t.Helper()
	f := &Fake{versions: map[string][]string{}, Type: "SecureString"}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// Put adds a version.
func (f *Fake) Put(name, value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.versions[name] = append(f.versions[name], value)
}

// Versions are a parameter's values, the oldest first.
func (f *Fake) Versions(name string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.versions[name]...)
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	operation, ours := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSSM.")
	if !ours || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		awstest.Refuse(w, 400, "InvalidAction", "no such protocol")
		return
	}
	f.Serve(w, r, operation, func(w http.ResponseWriter, body []byte, _ awstest.Fault) {
		var in struct {
			Name, Value, Type         string
			WithDecryption, Overwrite bool
		}
		if err := json.Unmarshal(body, &in); err != nil {
			awstest.Refuse(w, 400, "SerializationException", err.Error())
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		switch operation {
		case "GetParameter":
			f.get(w, in.Name, in.WithDecryption)
		case "PutParameter":
			switch {
			case in.Type != "SecureString" || in.Value == "":
				awstest.Refuse(w, 400, "ValidationException", in.Type)
			case len(f.versions[in.Name]) > 0 && !in.Overwrite:
				awstest.Refuse(w, 400, "ParameterAlreadyExists", "")
			default:
				f.versions[in.Name] = append(f.versions[in.Name], in.Value)
				awstest.JSON(w, map[string]int{"Version": len(f.versions[in.Name])})
			}
		default:
			awstest.Refuse(w, 400, "InvalidAction", operation)
		}
	})
}

func (f *Fake) get(w http.ResponseWriter, name string, decrypted bool) {
	name, selector, chosen := strings.Cut(name, ":")
	list := f.versions[name]
	if len(list) == 0 {
		awstest.Refuse(w, 400, "ParameterNotFound", "")
		return
	}
	n := len(list)
	if chosen {
		var err error
		if n, err = strconv.Atoi(selector); err != nil || n < 1 || n > len(list) {
			awstest.Refuse(w, 400, "ParameterVersionNotFound", "")
			return
		}
	}
	value := "encrypted"
	if decrypted {
		value = list[n-1]
	}
	awstest.JSON(w, map[string]any{"Parameter": map[string]any{"Name": name, "Type": f.Type, "Value": value, "Version": n}})
}
