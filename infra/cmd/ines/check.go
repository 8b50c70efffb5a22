package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	classifying "ines/functions/classify"
	"ines/shared/classify/heads"
)

const checkUsage = "check FILE"

// check prints a policy's mistakes, one a line, or that there are none. The models that
// it names are looked at, too. One that is yet to be trained is no mistake of the policy's:
// it is named, as no bundle is made and no desk starts without.
func check(_ context.Context, t terminal, args []string) error {
	rest, err := parse(flags(t, "check"), args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("name one policy file")
	}
	s := source{desk: rest[0]}
	desk, err := s.load(t.out)
	if err != nil {
		return err
	}
	_, err = classifying.Classifier(desk, classifying.Words(desk), heads.Open(), classifying.Read)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(t.err, "%s: not yet ready to run: %v\n", rest[0], err)
	case err != nil:
		fmt.Fprintf(t.out, "%s: %v\n", rest[0], err)
		return errSaid
	}
	fmt.Fprintf(t.out, "%s: ok\n", rest[0])
	return nil
}
