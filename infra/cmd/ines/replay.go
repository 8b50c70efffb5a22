package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"ines/shared/lambdahttp"
	"ines/shared/policy"
	"ines/shared/secret"
)

const replayUsage = "replay --to URL [--desk FILE] [--secrets FILE] [--as-saved] FILE|DIR…"

// replayer posts saved events.
type replayer struct {
	to      string
	desk    *policy.Desk
	secrets secret.Source
	asSaved bool
	client  *http.Client
	now     func() time.Time
}

// outcome is one line of the table.
type outcome struct {
	file, channel, inbox, status, answer string
	refused                              bool
}

const replayTimeout = 30 * time.Second

func replay(ctx context.Context, t terminal, args []string) error {
	fs := flags(t, "replay")
	var s source
	s.register(fs)
	to := fs.String("to", "", "the `URL` of the desk to post to")
	asSaved := fs.Bool("as-saved", false, "post the bytes and headers as they were saved")
	paths, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case *to == "":
		return usagef("--to is missing")
	case !strings.HasPrefix(*to, "http://") && !strings.HasPrefix(*to, "https://"):
		return usagef("--to is %q, want a URL such as http://127.0.0.1:8080", *to)
	case len(paths) == 0:
		return usagef("name files or folders of saved events")
	}
	r := replayer{to: strings.TrimSuffix(*to, "/"), asSaved: *asSaved, now: time.Now, client: &http.Client{Timeout: replayTimeout}}
	if r.desk, err = s.load(t.err); err != nil {
		return err
	}
	if r.secrets, err = s.open(); err != nil {
		return err
	}
	files, err := savedFiles(t.err, paths)
	if err != nil {
		return err
	}
	before, counted := r.counts(ctx)
	var outcomes []outcome
	refused := 0
	for _, f := range files {
		o := r.post(ctx, f)
		if o.refused {
			refused++
		}
		outcomes = append(outcomes, o)
	}
	show(t.out, outcomes)
	if counted {
		if after, ok := r.settled(ctx); ok {
			fmt.Fprintln(t.out, "\n"+difference(before, after))
		}
	}
	if refused > 0 {
		fmt.Fprintf(t.err, "ines replay: %d of %d refused\n", refused, len(outcomes))
		return errSaid
	}
	return nil
}

// savedFiles lists the events of files and folders. What is no event is passed over
// in a folder, with a note, and an error where it was named.
func savedFiles(notes io.Writer, paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if _, _, err := lambdahttp.Load(path); err != nil {
				return nil, err
			}
			files = append(files, path)
			continue
		}
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if _, _, err := lambdahttp.Load(p); err != nil {
				fmt.Fprintf(notes, "%s: passed over, it is no saved webhook\n", p)
				return nil
			}
			files = append(files, p)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if len(files) == 0 {
		return nil, errors.New("there are no saved events there")
	}
	return files, nil
}

// post sends one saved event.
func (r replayer) post(ctx context.Context, file string) outcome {
	o := outcome{file: file, status: "-", refused: true}
	e, saved, err := lambdahttp.Load(file)
	if err != nil {
		o.answer = err.Error()
		return o
	}
	o.channel, o.inbox = named(saved.Path)
	if !r.asSaved {
		if saved, err = r.freshen(ctx, o, saved); err != nil {
			o.answer = err.Error()
			return o
		}
	}
	req, err := http.NewRequestWithContext(ctx, saved.Method, r.to+saved.Path, bytes.NewReader(saved.Body))
	if err != nil {
		o.answer = err.Error()
		return o
	}
	req.URL.RawQuery = saved.Query
	for name, value := range saved.Header {
		if !gatewayOwn(name) {
			req.Header.Set(name, value)
		}
	}
	if len(e.Cookies) > 0 {
		req.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	resp, err := r.client.Do(req)
	if err != nil {
		o.answer = err.Error()
		return o
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		o.answer = err.Error()
		return o
	}
	o.status, o.answer = resp.Status, brief(string(body))
	o.refused = resp.StatusCode < 200 || resp.StatusCode > 299
	return o
}

// named are the channel and the inbox of a webhook's path.
func named(path string) (channel, inbox string) {
	rest, _ := strings.CutPrefix(path, "/webhooks/")
	channel, inbox, _ = strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	return channel, inbox
}

// gatewayOwn are the headers that a gateway adds, or that belong to a connection.
func gatewayOwn(name string) bool {
	switch name {
	case "host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect":
		return true
	}
	return strings.HasPrefix(name, "x-forwarded-") || strings.HasPrefix(name, "x-amzn-")
}

func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > 60 {
		return string(runes[:59]) + "…"
	}
	return s
}

func show(w io.Writer, outcomes []outcome) {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "FILE\tCHANNEL\tINBOX\tSTATUS\tANSWER")
	for _, o := range outcomes {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", o.file, o.channel, o.inbox, o.status, o.answer)
	}
	_ = table.Flush()
}
