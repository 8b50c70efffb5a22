package policy

// How the tests of this package, which package policyfile imports, read files;
// main_test.go sets them.
var (
	Load  func(path string) (*Desk, error)
	Parse func(name string, data []byte) (*Desk, error)
)
