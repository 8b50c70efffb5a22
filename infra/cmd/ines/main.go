// Command ines is the operator's tool: it runs the desk on one machine, replays
// saved webhooks, checks policies and invokes single functions. It knows nothing of
// CDK, so that it stays small and starts at once.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // communities name zones, and a bare machine knows none
)

// terminal is where a command talks to.
type terminal struct{ out, err io.Writer }

// command is one subcommand. Its error is printed; errSaid has been already.
type command struct {
	name, usage, about string
	run                func(ctx context.Context, t terminal, args []string) error
}

var (
	errSaid  = errors.New("said already")
	errUsage = errors.New("usage")
)

func commands() []command {
	return []command{
		{"run", runUsage, "run the desk on this machine", run},
		{"replay", replayUsage, "post saved webhooks, freshened and signed anew", replay},
		{"check", checkUsage, "look for mistakes in a desk policy", check},
		{"examples", examplesUsage, "turn what colleagues corrected into examples to train from", examples},
		{"classify", classifyUsage, "say what a text is about, and why", tell},
		{"train", trainUsage, "make a model from labelled examples, and say how good it is", learn},
		{"model", modelUsage, "what a load does on AWS's default quotas, and what it costs", modelLoad},
		{"secret", secretUsage, "put a secret of a deployed stage; the one before it stays live", keepSecret},
		{"redrive", redriveUsage, "send dead letters back to their queue, in order", redrive},
		{"archive", archiveUsage, "put archived webhooks on the queue again; what is filed already changes nothing", refile},
		{"erase", eraseUsage, "forget a customer: words, names, handles and files, everywhere", eraseCustomer},
		{"tail", tailUsage, "follow the logs of a deployed stage", tail},
		{"invoke", invokeUsage, "run one function on a saved Lambda event", invoke},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := dispatch(ctx, terminal{os.Stdout, os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// dispatch runs a command line and returns the exit code: 0, 1 for what failed, 2
// for what makes no sense.
func dispatch(ctx context.Context, t terminal, args []string) int {
	if len(args) == 0 {
		help(t.err)
		return 2
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		help(t.out)
		return 0
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, t, args[1:])
		switch {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(t.err, "ines %s: %v\nusage: ines %s\n", c.name, err, c.usage)
			return 2
		case !errors.Is(err, errSaid):
			fmt.Fprintf(t.err, "ines %s: %v\n", c.name, err)
		}
		return 1
	}
	fmt.Fprintf(t.err, "ines: there is no command %q\n\n", args[0])
	help(t.err)
	return 2
}

func help(w io.Writer) {
	fmt.Fprintln(w, "ines runs a customer-case desk and looks after it.")
	fmt.Fprintln(w)
	for _, c := range commands() {
		fmt.Fprintf(w, "  ines %s\n        %s\n", c.usage, c.about)
	}
	fmt.Fprintln(w, "\nINES_DESK names the desk policy where --desk does not; secrets are INES_SECRET_<INBOX>,")
	fmt.Fprintln(w, "INES_TOKEN_<INBOX>, INES_VERIFY_<INBOX> and INES_LINK_KEY in the environment or a --secrets file.")
}

// flags makes a command's set of flags, which complains where the command does.
func flags(t terminal, name string) *flag.FlagSet {
	fs := flag.NewFlagSet("ines "+name, flag.ContinueOnError)
	fs.SetOutput(t.err)
	fs.Usage = func() {
		for _, c := range commands() {
			if c.name == name {
				fmt.Fprintf(t.err, "%s: %s\n\nusage: ines %s\n\n", c.name, c.about, c.usage)
			}
		}
		fs.PrintDefaults()
	}
	return fs
}

// parse reads flags wherever they stand among the arguments and returns the others.
func parse(fs *flag.FlagSet, args []string) (rest []string, err error) {
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		if fs.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, fs.Arg(0))
		args = fs.Args()[1:]
	}
}

func usagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}
