package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"ines/shared/classify/model"
	"ines/shared/classify/recipe"
	"ines/shared/classify/train"
)

const trainUsage = "train EXAMPLES.csv…|- -o FILE.model [--report FILE.html] [--head topic] [--against FILE.model] [--frozen FILE.csv]\n       [--precision P] [--c C,…] [--min-texts N] [--max-bytes N]"

// learn makes a model from examples: CSV files with the columns text and label.
func learn(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "train")
	out := fs.String("o", "", "the model `file` to write")
	report := fs.String("report", "", "a `file` for the report as a page with plots")
	head := fs.String("head", "topic", "what the labels are: topic, urgency, or one of the heads that ship with ines")
	precision := fs.Float64("precision", 0, "how often an answer that needs no person has to be right (default 0.95)")
	against := fs.String("against", "", "the model `file` in use: the new one is written only if it is not worse on the frozen part")
	part := fs.String("frozen", "", "a CSV `file` that is the frozen part; nothing is trained on it. Without it, what both models say of the same texts while they are unseen is compared")
	strengths := fs.String("c", "", "the strengths C to try, separated by commas (default 0.5,0.25,1; the first one is preferred)")
	least := fs.Int("min-texts", 0, "leave out what is in fewer texts (default 1, or 2 with many texts)")
	most := fs.Int("max-bytes", 0, "how big the model may be (default 3 MB, more above 77 labels)")
	files, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(files) == 0:
		return usagef("name at least one CSV file with examples")
	case *out == "":
		return usagef("say with -o where the model goes")
	case *precision < 0 || *precision >= 1:
		return usagef("--precision is between 0 and 1")
	case *least < 0 || *most < 0:
		return usagef("--min-texts and --max-bytes are not negative")
	}
	how, err := recipe.Find(*head)
	if err != nil {
		return usagef("--head: %v", err)
	}
	o := how.Options
	o.Head, o.Precision = how.Name, cmp.Or(*precision, o.Precision)
	o.MinTexts, o.MaxBytes = cmp.Or(*least, o.MinTexts), cmp.Or(*most, o.MaxBytes)
	if *strengths != "" {
		o.C = nil
		for s := range strings.SplitSeq(*strengths, ",") {
			c, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			if err != nil || !(c > 0) || c > 1e6 {
				return usagef("--c %s: %q is not a number above 0", *strengths, s)
			}
			o.C = append(o.C, c)
		}
	}
	// Or the work would be for nothing, or what it was made from gone.
	needed := append([]string{*part}, files...)
	if err := errors.Join(apart(*out, append(needed, *report)), apart(*report, append(needed, *against))); err != nil {
		return err
	}
	for _, name := range []string{*out, *report} {
		if err := writable(name); err != nil {
			return err
		}
	}
	examples, err := readExamples(files)
	if err != nil {
		return err
	}
	if examples, err = how.Apply(examples); err != nil {
		return err
	}
	rival, frozen, err := opponent(*against, *part)
	if err != nil {
		return err
	}
	if *part != "" {
		if frozen, err = how.Apply(frozen); err != nil {
			return err
		}
		examples = train.Without(examples, frozen)
	}
	progress := &progress{w: t.err, live: isTerminal(t.err)}
	o.Progress = progress.show
	made, r, err := train.Train(ctx, examples, o)
	progress.end()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped; nothing was written to %s", *out)
	}
	if err != nil {
		return err
	}
	if *most > 0 && len(made) > *most {
		return fmt.Errorf("%s is left as it is: the smallest model that is worth having takes %d bytes, --max-bytes allows %d", *out, len(made), *most)
	}
	if rival != nil {
		new, err := model.Open(made)
		if err != nil {
			return err
		}
		c := train.CompareUnseen(rival, new)
		if *part != "" {
			c = train.Compare(rival, new, frozen, o.Cues)
		}
		r.Promotion = &train.Promotion{Comparison: c, Against: *against, Why: c.Worse()}
	}
	// The files go first: whoever reads the tables may stop reading.
	var failed error
	if *report != "" {
		var page bytes.Buffer
		if err := r.HTML(&page); err != nil {
			return err
		}
		failed = replace(*report, page.Bytes())
	}
	if r.Promotion != nil && r.Promotion.Why != "" {
		failed = errors.Join(failed, fmt.Errorf("%s is left as it is: %s", *out, r.Promotion.Why))
	} else {
		failed = errors.Join(failed, replace(*out, made))
	}
	return errors.Join(r.Print(t.out), failed)
}

// opponent reads the model in use, nil without one, and the frozen part.
func opponent(against, part string) (*model.Model, []train.Example, error) {
	var frozen []train.Example
	var err error
	if part != "" {
		if frozen, err = readExamples([]string{part}); err != nil {
			return nil, nil, err
		}
	}
	if against == "" {
		return nil, frozen, nil
	}
	file, err := os.ReadFile(against)
	if err != nil {
		return nil, nil, err
	}
	m, err := model.Open(file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", against, err)
	}
	return m, frozen, nil
}

func readExamples(files []string) ([]train.Example, error) {
	var all []train.Example
	for _, name := range files {
		f, err := input(name)
		if err != nil {
			return nil, err
		}
		examples, err := train.ReadExamples(f, name)
		f.Close()
		if err != nil {
			return nil, err
		}
		all = append(all, examples...)
	}
	return all, nil
}

// progress says on one line what long work is doing.
type progress struct {
	w    io.Writer
	live bool // a terminal: the line is written over

	mu    sync.Mutex
	what  string
	begun time.Time
	shown time.Time
	width int
}

func (p *progress) show(what string, done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if what != p.what {
		p.finish(now)
		p.what, p.begun = what, now
	} else if now.Sub(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = now
	if p.live {
		line := fmt.Sprintf("%s: %d of %d", what, done, of)
		fmt.Fprintf(p.w, "\r%-*s", p.width, line)
		p.width = len(line)
	}
}

// finish closes the line of the step that has just ended.
func (p *progress) finish(now time.Time) {
	if p.what == "" {
		return
	}
	line := fmt.Sprintf("%s: %.1f s", p.what, now.Sub(p.begun).Seconds())
	if p.live {
		fmt.Fprintf(p.w, "\r%-*s\n", p.width, line)
	} else {
		fmt.Fprintln(p.w, line)
	}
	p.width = 0
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish(time.Now())
	p.what = ""
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
