package train

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
)

// Print writes the report as tables for a terminal.
func (r *Report) Print(w io.Writer) error {
	p := &printer{w: w}
	p.line("%s: %d texts, %d labels, %d features, %.2f MB", r.Head, r.Texts, len(r.Labels), r.Features, float64(r.Bytes)/1e6)
	if r.Duplicates > 0 {
		p.line("%d duplicates left out", r.Duplicates)
	}
	p.line("")
	p.line("All figures are of texts that the scores had not seen (%s; near-duplicates stay together).", r.HowSplit())
	p.line("")
	p.table(func(row func(...any)) {
		row("accuracy", percent(r.Accuracy))
		row("macro-F1", percent(r.MacroF1))
		row("calibration error", fmt.Sprintf("%.3f, of which %.3f would be chance", r.Error, r.Chance))
		if f := r.Foreign; f.Texts > 0 {
			what := "texts of labels left out"
			if f.Real {
				what = "foreign texts"
			}
			row("noticed as foreign", fmt.Sprintf("%s of %d %s, %s right inside, AUROC %.3f", percent(f.Recall), f.Texts, what, percent(f.Inside), f.AUROC))
		}
	})
	p.heading("Strength")
	p.table(func(row func(...any)) {
		row("C", "accuracy", "")
		for _, t := range r.Tried {
			taken := ""
			if t.C == r.C {
				taken = "taken"
			}
			row(fmt.Sprintf("%g", t.C), percent(t.Accuracy), taken)
		}
	})
	p.heading("Calibration: how sure, and how often right")
	p.table(func(row func(...any)) {
		row("probability", "texts", "sure", "right")
		for _, b := range r.Bins {
			if b.Texts > 0 {
				row(fmt.Sprintf("%.2f–%.2f", b.From, b.To), b.Texts, percent(b.Sure), percent(b.Right))
			}
		}
	})
	p.heading("Coverage: what can be answered without a person")
	p.table(func(row func(...any)) {
		row("wanted precision", "share", "from probability")
		for _, c := range r.Coverage {
			row(percent(c.Precision), percent(c.Share), probability(c.Threshold))
		}
	})
	p.heading(fmt.Sprintf("Labels (thresholds for a precision of %s)", percent(r.Precision)))
	p.table(func(row func(...any)) {
		row("label", "texts", "precision", "recall", "F1", "from probability")
		for _, l := range r.Labels {
			row(short(l.Name), l.Texts, percent(l.Precision), percent(l.Recall), percent(l.F1), probability(l.Threshold))
		}
	})
	r.weaknesses(p)
	if c := r.Promotion; c != nil {
		p.heading("Against " + base(c.Against))
		p.line("Of %d frozen texts %d are answered right, by the model in use %d.", c.Texts, c.New, c.Old)
		if c.Why != "" {
			p.line("The model in use stays: %s.", c.Why)
		} else {
			p.line("The new model takes its place.")
		}
	}
	return p.err
}

func (r *Report) weaknesses(p *printer) {
	if len(r.Confusions) > 0 {
		p.heading("Taken for one another")
		p.table(func(row func(...any)) {
			row("label", "taken for", "texts", "for example")
			for _, c := range r.Confusions {
				row(short(c.Label), short(c.Taken), c.Texts, place(c.Example)+" "+short(c.Example.Text))
			}
		})
	}
	if len(r.Suspects) > 0 {
		p.heading("Probably labelled wrong")
		p.table(func(row func(...any)) {
			row("where", "label", "rather", "sure", "text")
			for _, s := range r.Suspects {
				row(place(s.Example), short(s.Example.Label), short(s.Rather), percent(s.Probability), short(s.Example.Text))
			}
		})
	}
	if len(r.Clashes) > 0 {
		p.heading("The same text with two labels (the first one counts)")
		p.table(func(row func(...any)) {
			row("where", "label", "first label", "text")
			for _, s := range r.Clashes {
				row(place(s.Example), short(s.Example.Label), short(s.Rather), short(s.Example.Text))
			}
		})
	}
	if len(r.Alike) > 0 {
		p.heading("Labels that differ in case or marks only: are they one?")
		for _, group := range r.Alike {
			p.line("  %s", listed(group))
		}
	}
	var few []string
	for _, l := range r.Labels {
		if l.Few() {
			few = append(few, fmt.Sprintf("%s (%d)", short(l.Name), l.Texts))
		}
	}
	if len(few) > 0 {
		p.heading(fmt.Sprintf("Fewer than %d examples: don't automate these yet", EnoughExamples))
		p.line("%s", strings.Join(few, ", "))
	}
}

// HowSplit says how much was asked while unseen.
func (r *Report) HowSplit() string {
	if r.Folds < folds {
		return "one fold of five"
	}
	return "five folds"
}

type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if _, err := fmt.Fprintf(p.w, format+"\n", args...); p.err == nil {
		p.err = err
	}
}

func (p *printer) heading(s string) { p.line("\n%s", s) }

func (p *printer) table(fill func(row func(...any))) {
	t := tabwriter.NewWriter(p.w, 0, 8, 2, ' ', 0)
	fill(func(cells ...any) {
		fmt.Fprint(t, " ")
		for _, c := range cells {
			fmt.Fprintf(t, " %v\t", c)
		}
		fmt.Fprintln(t)
	})
	if err := t.Flush(); p.err == nil {
		p.err = err
	}
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

func probability(v float64) string {
	if v > 1 {
		return "never"
	}
	return fmt.Sprintf("%.2f", v)
}

func place(e Example) string { return fmt.Sprintf("%s:%d", base(e.File), e.Line) }

func base(file string) string {
	if i := strings.LastIndexAny(file, `/\`); i >= 0 {
		return file[i+1:]
	}
	return file
}

// short is a text on one line of a table. What would move a terminal's cursor or
// change its colours is left out.
func short(text string) string {
	r := []rune(strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, strings.Join(strings.Fields(text), " ")))
	if len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return string(r)
}

func listed(labels []string) string {
	var all []string
	for _, l := range labels {
		all = append(all, short(l))
	}
	return strings.Join(all, ", ")
}
