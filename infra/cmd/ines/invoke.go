package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"ines/infra/local"
	"ines/infra/plan"
)

const invokeUsage = "invoke FUNCTION FILE [--data DIR] [--desk FILE] [--secrets FILE]"

// invoke runs one function on a saved event through the JSON boundary and prints
// its answer. Nothing else runs: what it puts on a queue stays there.
func invoke(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "invoke")
	var s source
	s.register(fs)
	data := fs.String("data", ".ines", "the `folder` of the database and the archive")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 2 {
		return usagef("name a function and a file")
	}
	if _, ok := plan.Default().Function(rest[0]); !ok {
		return usagef("there is no function %q; there are %s", rest[0], functionNames())
	}
	event, err := os.ReadFile(rest[1])
	if err != nil {
		return err
	}
	if !json.Valid(event) {
		return fmt.Errorf("%s is not JSON", rest[1])
	}
	desk, err := s.load(t.err)
	if err != nil {
		return err
	}
	secrets, err := s.open()
	if err != nil {
		return err
	}
	host, err := local.Open(local.Config{Data: *data, Desk: desk, Secrets: secrets, PublicURL: os.Getenv("INES_PUBLIC_URL"), Log: logger(t.err, false, false)})
	if err != nil {
		return err
	}
	answer, err := host.Invoke(ctx, rest[0], event)
	if err := errors.Join(err, host.Close()); err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, answer, "", "  "); err != nil {
		pretty.Write(answer)
	}
	fmt.Fprintln(t.out, pretty.String())
	return nil
}

func functionNames() string {
	var names string
	for i, f := range plan.Default().Functions {
		if i > 0 {
			names += ", "
		}
		names += f.Name
	}
	return names
}
