package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/object"
	"ines/shared/aws"
)

// lookBack is how much earlier than a range Read begins to list: an object lies
// where its earliest record belongs, and the records of one batch are no further
// apart than a queue keeps messages (14 days).
const lookBack = 15 * 24 * time.Hour

// Read implements archive.Archive. A damaged object gives the records before the
// damage and an error; a key that is no object's gives an error. When listing fails
// the rest can't be known, and reading ends with that error.
func (a *Archive) Read(ctx context.Context, from, to time.Time) iter.Seq2[archive.Record, error] {
	return func(yield func(archive.Record, error) bool) {
		if !from.Before(to) {
			if err := ctx.Err(); err != nil {
				yield(archive.Record{}, err)
			}
			return
		}
		err := a.keys(ctx, from, to, func(key string) bool { return a.object(ctx, key, from, to, yield) })
		if err != nil {
			yield(archive.Record{}, err)
		}
	}
}

// keys visits, in order, the keys at which objects with records of a range can be,
// until visit has enough.
func (a *Archive) keys(ctx context.Context, from, to time.Time, visit func(key string) bool) error {
	after := from.UTC().Add(-lookBack).Format(object.Folders)
	if from.Year() < 1970 {
		after = ""
	}
	return a.span(ctx, after, to.UTC().Add(time.Hour).Format(object.Folders), visit)
}

// span visits, in order, the keys after one and below another, until visit has enough.
func (a *Archive) span(ctx context.Context, after, below string, visit func(key string) bool) error {
	for token := ""; ; {
		keys, next, err := a.list(ctx, after, token)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if key >= below { // bodies come after every year, too
				return nil
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if !visit(key) {
				return nil
			}
		}
		if token = next; token == "" {
			return nil
		}
	}
}

// Find looks so far back of a record first, and then so far: batches are made of what
// comes within seconds, and wait for long in a queue only when something has stood still.
const (
	near = time.Minute
	far  = time.Hour
)

// Find implements archive.Archive. It begins with the object that began last before
// the record: nearly always that is the one, so that it takes one page of keys and
// one object, however much came in that hour.
func (a *Archive) Find(ctx context.Context, id string, at time.Time) (archive.Record, error) {
	to := at.Add(time.Millisecond)
	back := func(d time.Duration, layout string) string { return at.UTC().Add(-d).Format(layout) }
	recent, older := back(near, object.Folders+"/0405.000"), back(far, object.Folders)
	parts := []struct{ after, below string }{
		{recent, object.Bound(to)},
		{older, recent},
		{back(lookBack, object.Folders), older},
	}
	return object.Pick(func(yield func(archive.Record, error) bool) {
		for _, part := range parts {
			var keys []string
			if err := a.span(ctx, part.after, part.below, func(key string) bool {
				keys = append(keys, key)
				return true
			}); err != nil {
				yield(archive.Record{}, err)
				return
			}
			for _, key := range slices.Backward(keys) {
				if !a.object(ctx, key, at, to, yield) {
					return
				}
				if err := ctx.Err(); err != nil {
					yield(archive.Record{}, a.failure("find "+id, err))
					return
				}
			}
		}
	}, id, at)
}

// object yields one object's records and reports whether to go on.
func (a *Archive) object(ctx context.Context, key string, from, to time.Time, yield func(archive.Record, error) bool) bool {
	fail := func(err error) bool {
		return yield(archive.Record{}, fmt.Errorf("archive object %s: %w", key, err))
	}
	overlaps, err := object.Overlaps(key, from, to)
	if err != nil {
		return fail(err)
	}
	if !overlaps {
		return true
	}
	packed, err := a.whole(ctx, key)
	if err != nil {
		return fail(err)
	}
	on, err := object.Records(bytes.NewReader(packed), from, to, yield)
	if on && err != nil {
		return fail(err)
	}
	return on
}

// whole fetches an object before anything of it is used, so that an answer that
// breaks off can be asked for again. An object is one batch: some megabytes.
func (a *Archive) whole(ctx context.Context, key string) ([]byte, error) {
	for n := 1; ; n++ {
		resp, err := a.get(ctx, key)
		if err != nil {
			return nil, err
		}
		packed, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err == nil {
			return packed, nil
		}
		if n == tries || ctx.Err() != nil {
			return nil, a.failure("get "+key, errors.Join(err, ctx.Err()))
		}
		if err := a.aws.Backoff(ctx, n); err != nil {
			return nil, a.failure("get "+key, err)
		}
	}
}

// list gives one page of keys in order.
func (a *Archive) list(ctx context.Context, after, token string) (keys []string, next string, err error) {
	query := url.Values{"list-type": {"2"}}
	switch {
	case token != "":
		query.Set("continuation-token", token)
	case after != "":
		query.Set("start-after", after)
	}
	if a.page > 0 {
		query.Set("max-keys", strconv.Itoa(a.page))
	}
	resp, err := a.aws.Do(ctx, aws.Call{Service: aws.S3, Operation: "ListObjectsV2", Method: http.MethodGet, URL: a.url("", query), Whole: true})
	if err != nil {
		return nil, "", a.failure("list", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, "", a.failure("list", err)
	}
	elements, err := aws.Elements(string(text))
	if err != nil {
		return nil, "", a.failure("list", err)
	}
	more := false
	for _, e := range elements {
		switch {
		case e.Parent == "Contents" && e.Name == "Key":
			keys = append(keys, e.Text)
		case e.Parent == "ListBucketResult" && e.Name == "IsTruncated":
			more = e.Text == "true"
		case e.Parent == "ListBucketResult" && e.Name == "NextContinuationToken":
			next = e.Text
		}
	}
	if more && next == "" {
		return nil, "", a.failure("list", errors.New("there is more, and S3 does not say where"))
	}
	return keys, next, nil
}
