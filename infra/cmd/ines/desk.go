package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"ines/shared/policy"
	"ines/shared/policy/policyfile"
	"ines/shared/secret"
	"ines/shared/secret/env"
)

// source are the flags by which a command finds a desk's policy and secrets.
type source struct{ desk, secrets string }

func (s *source) register(fs *flag.FlagSet) {
	desk := os.Getenv("INES_DESK")
	if desk == "" {
		desk = "infra/desk.yaml"
	}
	fs.StringVar(&s.desk, "desk", desk, "the desk policy `file`")
	fs.StringVar(&s.secrets, "secrets", "", "a `file` of NAME=value lines, for what is not in the environment; the default is the one beside the policy, <desk>.secrets.env")
}

// load reads the policy. Its mistakes go to out as `ines check` prints them.
func (s *source) load(out io.Writer) (*policy.Desk, error) {
	desk, err := policyfile.Load(s.desk)
	if problems, ok := errors.AsType[policy.Problems](err); ok {
		for _, p := range problems {
			fmt.Fprintln(out, p)
		}
		return nil, errSaid
	}
	return desk, err
}

// open finds the secrets: the environment's, then the file's.
func (s *source) open() (secret.Source, error) {
	file := s.secrets
	if file == "" {
		beside := strings.TrimSuffix(strings.TrimSuffix(s.desk, ".yaml"), ".yml") + ".secrets.env"
		switch _, err := os.Stat(beside); {
		case err == nil:
			file = beside
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("secrets: %w", err)
		}
	}
	return env.New(os.LookupEnv, file)
}
