package main

import (
	"context"
	"fmt"
)

const checkUsage = "check FILE"

// check prints a policy's mistakes, one a line, or that there are none.
func check(_ context.Context, t terminal, args []string) error {
	rest, err := parse(flags(t, "check"), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("name one policy file")
	}
	s := source{desk: rest[0]}
	if _, err := s.load(t.out); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s: ok\n", rest[0])
	return nil
}
