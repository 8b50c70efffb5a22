package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"ines/infra/plan"
	"ines/shared/secret"
	"ines/shared/secret/ssm"
)

const secretUsage = "secret put INBOX [--use secret|token|verify] [--stage S] [--region R] | secret put --use link [--stage S] (the value comes from standard input)"

// longestSecret is what SSM takes of a value, in bytes.
const longestSecret = 8 << 10

// keepSecret makes a value the live one. The one that was live stays live, too, until
// the next is put.
func keepSecret(ctx context.Context, t terminal, args []string) error {
	return putSecret(ctx, t, args, os.Stdin)
}

func putSecret(ctx context.Context, t terminal, args []string, in io.Reader) error {
	fs := flags(t, "secret")
	var a account
	a.register(fs)
	use := fs.String("use", string(secret.Sign), "what it is for: `secret` (verifying webhooks), token (sending), verify (the handshake) or link (the key of link tokens)")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	inbox := ""
	switch {
	case len(rest) == 0 || rest[0] != "put":
		return usagef("want secret put")
	case *use == string(secret.Link) && len(rest) != 1:
		return usagef("the key of link tokens is of no inbox")
	case *use != string(secret.Link) && len(rest) != 2:
		return usagef("want one inbox; the value comes from standard input, never as an argument")
	case a.stage == "":
		return usagef("--stage is missing; on one machine secrets are variables such as INES_SECRET_<INBOX>")
	}
	if len(rest) == 2 {
		inbox = rest[1]
	}
	value, err := readSecret(in)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	s, err := ssm.Open(c, ssm.Config{Prefix: plan.SecretsPrefix(a.stage)})
	if err != nil {
		return err
	}
	name := s.Name(secret.Use(*use), inbox)
	if name == "" {
		return usagef("there is no %q of inbox %q", *use, inbox)
	}
	version, err := s.Put(ctx, secret.Use(*use), inbox, value)
	if err != nil {
		return err
	}
	values, err := s.Values(ctx, secret.Use(*use), inbox)
	if err != nil {
		return fmt.Errorf("version %d of %s is written, and can't be read back: %w", version, name, err)
	}
	fmt.Fprintf(t.out, "%s: version %d is live", name, version)
	if len(values) > 1 {
		fmt.Fprintf(t.out, ", and so is version %d; put the same value again to end it", version-1)
	}
	fmt.Fprintln(t.out, ".\nThe functions notice within five minutes.")
	return nil
}

// readSecret takes all of standard input without the line feed at its end: a
// certificate has several lines.
func readSecret(in io.Reader) (string, error) {
	text, err := io.ReadAll(io.LimitReader(bufio.NewReader(in), longestSecret+2))
	if err != nil {
		return "", fmt.Errorf("reading the value from standard input: %w", err)
	}
	value := strings.TrimRight(string(text), "\r\n")
	switch {
	case strings.TrimSpace(value) == "":
		return "", errors.New("standard input has no value")
	case len(value) > longestSecret:
		return "", fmt.Errorf("the value has more than %d bytes: is it the right file?", longestSecret)
	}
	return value, nil
}
