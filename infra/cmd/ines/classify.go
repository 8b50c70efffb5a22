package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	classifying "ines/functions/classify"
	"ines/shared/classify"
	"ines/shared/classify/heads"
	"ines/shared/classify/model"
	"ines/shared/classify/train"
)

const classifyUsage = "classify [--model FILE] [--desk FILE] TEXT|-\n       ines classify [--model FILE] [--desk FILE] --csv FILE|-"

// tell says what a text is about, and why; or what each row of a CSV file is about.
func tell(_ context.Context, t terminal, args []string) error {
	fs := flags(t, "classify")
	file := fs.String("model", "", "a topic model `file`; the default is the desk policy's")
	desk := fs.String("desk", os.Getenv("INES_DESK"), "a desk policy `file`, for its topics, languages and models")
	table := fs.String("csv", "", "classify the column text of a CSV `file` (-: the standard input) and write its rows, with what they are about, as CSV")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case *table == "" && len(rest) == 0:
		return usagef("give a text, - for the standard input, or --csv")
	case *table != "" && len(rest) > 0:
		return usagef("either a text or --csv")
	}
	c, languages, err := classifier(t, *desk, *file)
	if err != nil {
		return err
	}
	if *table != "" {
		return tellRows(t.out, c, languages, *table)
	}
	text := strings.Join(rest, " ")
	if text == "-" {
		all, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		text = string(all)
	}
	tellOne(t.out, c, languages, text)
	return nil
}

// classifier is the desk's, or one with no topics but those of a model.
func classifier(t terminal, desk, file string) (*classify.Learned, []string, error) {
	if desk != "" && file == "" {
		s := source{desk: desk}
		d, err := s.load(t.out)
		if err != nil {
			return nil, nil, err
		}
		var languages []string
		for _, c := range d.Communities {
			languages = append(languages, c.Languages...)
		}
		c, err := classifying.Classifier(d, classifying.Words(d), heads.Open(), classifying.Read)
		return c, languages, err
	}
	d := classify.Desk{Heads: heads.Open(), Words: classify.NewWords(nil)}
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		m, err := model.Open(data)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", file, err)
		}
		if m.Head == "urgency" {
			d.Urgency = m
		} else {
			d.Topic = m
		}
	}
	return classify.New(d), nil, nil
}

func tellOne(w io.Writer, c *classify.Learned, languages []string, text string) {
	var r classify.Result
	in := classify.Input{Text: text, Languages: languages}
	c.Classify(in, &r)
	line := func(head string, l classify.Label) {
		name := l.Name
		if name == "" {
			name = "(not sure)"
		}
		fmt.Fprintf(w, "%-9s %-28s", head, name)
		if l.Name != "" {
			fmt.Fprintf(w, " %5.1f %%", 100*l.Probability)
		}
		var why []string
		for _, reason := range c.Why(in, head, l.Name, 4) {
			why = append(why, fmt.Sprintf("%s %+.2f", reason.Words, reason.Weight))
		}
		if len(why) > 0 {
			fmt.Fprintf(w, "   %s", strings.Join(why, ", "))
		}
		fmt.Fprintln(w)
	}
	line("language", r.Language)
	line("topic", r.Topic)
	if a, ok := c.Topic(in); ok {
		fmt.Fprintf(w, "          in scope: %s (%.1f %%), sure enough to act on: %s\n", yes(a.InScope), 100*a.Inside, yes(a.Sure))
	}
	line("kind", r.Kind)
	line("tone", r.Tone)
	fmt.Fprintf(w, "%-9s %.2f\n", "anger", r.Anger)
	var points []string
	for _, p := range r.Points {
		points = append(points, fmt.Sprintf("%s +%d", p.Name, p.Points))
	}
	fmt.Fprintf(w, "%-9s %-28s         %s\n", "urgency", r.Urgency, strings.Join(points, ", "))
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// added are the columns that tellRows adds.
var added = []string{"topic", "probability", "in_scope", "language", "tone", "anger", "kind", "urgency"}

// tellRows writes a table's rows with what they are about. The topic is the best
// one even where the desk would not rely on it: in_scope says that it would not.
func tellRows(w io.Writer, c *classify.Learned, languages []string, file string) error {
	f, err := input(file)
	if err != nil {
		return err
	}
	defer f.Close()
	table, err := train.ReadTable(f, file)
	if err != nil {
		return err
	}
	at, err := table.Columns("text")
	if err != nil {
		return err
	}
	text := at[0]
	out := csv.NewWriter(w)
	if err := out.Write(append(table.Header, added...)); err != nil {
		return err
	}
	var r classify.Result
	for _, row := range table.Rows {
		in := classify.Input{Text: row[text], Languages: languages}
		c.Classify(in, &r)
		topic, p, inScope := r.Topic.Name, r.Topic.Probability, r.Topic.Name != ""
		if a, ok := c.Topic(in); ok {
			topic, p, inScope = a.Name, a.Probability, a.InScope
		}
		err := out.Write(append(row, topic, decimal(p), strconv.FormatBool(inScope), r.Language.Name, r.Tone.Name, decimal(r.Anger), r.Kind.Name, r.Urgency))
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
