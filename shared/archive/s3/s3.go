// Package s3 keeps the archive in a bucket of Amazon S3, in the same files that
// the folder driver keeps on one machine. Bootstraps, the operator's command and
// tests import it; it imports archive, object and aws. What is wrong is told as
// one of the port's kinds of errors.
//
// The rights that it needs: PutObject for writing, GetObject and ListBucket for
// reading, and all of them with DeleteObject for erasing.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/object"
	"ines/shared/aws"
)

// Archive implements archive.Archive.
type Archive struct {
	aws    aws.Config
	bucket string
	// page is how many keys one call lists; 0: as many as S3 gives, 1,000.
	page int
}

var _ archive.Archive = (*Archive)(nil)

// uploadTime is how long one attempt at an object may take: a body of 6 MB is on
// its way longer than a message.
const uploadTime = 10 * time.Second

// Open takes the bucket's name. It asks nothing of S3 yet.
func Open(c aws.Config, bucket string) (*Archive, error) {
	if bucket == "" || strings.ContainsAny(bucket, "/ :") {
		return nil, fmt.Errorf("archive/s3: %q is no bucket's name", bucket)
	}
	if c.AttemptTime == 0 {
		c.AttemptTime = uploadTime
	}
	return &Archive{aws: c, bucket: bucket}, nil
}

func (a *Archive) url(key string, query url.Values) string { return a.aws.Object(a.bucket, key, query) }

func (a *Archive) failure(doing string, err error) error {
	var refused *aws.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %s: %w", archive.ErrUnavailable, doing, err)
	case errors.As(err, &refused) && refused.Status == http.StatusNotFound && refused.Code != "NoSuchBucket":
		return fmt.Errorf("%w: %s in bucket %s", archive.ErrNotFound, doing, a.bucket)
	}
	return fmt.Errorf("%w: %s in bucket %s: %v", archive.ErrUnavailable, doing, a.bucket, err)
}

// Append implements archive.Archive. Records that are further apart than Read looks
// back go into several objects; the key is the last one's.
func (a *Archive) Append(ctx context.Context, records ...archive.Record) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	type file struct {
		key    string
		packed []byte
	}
	var files []file
	for _, run := range runs(records) {
		key, packed, err := object.Pack(run)
		if err != nil {
			return "", fmt.Errorf("append to the archive: %w", err)
		}
		files = append(files, file{key, packed})
	}
	for _, f := range files {
		if err := a.put(ctx, f.key, f.packed, "application/gzip"); err != nil {
			return "", err
		}
	}
	return files[len(files)-1].key, nil
}

// runs cuts the records where they would span more than lookBack.
func runs(records []archive.Record) [][]archive.Record {
	out := [][]archive.Record{nil}
	var first, last time.Time
	for i, r := range records {
		first, last = earlier(first, r.At, i == 0), later(last, r.At, i == 0)
		if last.Sub(first) > lookBack-time.Hour {
			out, first, last = append(out, nil), r.At, r.At
		}
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

func earlier(a, b time.Time, begin bool) time.Time {
	if begin || b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time, begin bool) time.Time {
	if begin || b.After(a) {
		return b
	}
	return a
}

// Put implements archive.Archive.
func (a *Archive) Put(ctx context.Context, body []byte) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	key := object.BlobKey(body)
	return key, a.put(ctx, key, body, "application/octet-stream")
}

// put stores an object whole or not at all; S3 checks it against its hash, which is
// signed, and encrypts it.
func (a *Archive) put(ctx context.Context, key string, content []byte, kind string) error {
	resp, err := a.aws.Do(ctx, aws.Call{Service: aws.S3, Operation: "PutObject", Method: http.MethodPut, URL: a.url(key, nil), Body: content,
		Header: map[string]string{"Content-Type": kind, "X-Amz-Server-Side-Encryption": "AES256"}})
	if err != nil {
		return a.failure("store "+key, err)
	}
	return a.failure("store "+key, resp.Body.Close())
}

// Get implements archive.Archive. A body that is not what was put is an error.
func (a *Archive) Get(ctx context.Context, key string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !object.IsBlob(key) {
		return nil, fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	}
	body, err := a.whole(ctx, key)
	if err != nil {
		return nil, err
	}
	if object.BlobKey(body) != key {
		return nil, a.failure("get "+key, errors.New("the object was changed"))
	}
	return body, nil
}

// tries is how often an answer that breaks off is asked for again.
const tries = 3

func (a *Archive) get(ctx context.Context, key string) (*http.Response, error) {
	resp, err := a.aws.Do(ctx, aws.Call{Service: aws.S3, Operation: "GetObject", Method: http.MethodGet, URL: a.url(key, nil)})
	return resp, a.failure("get "+key, err)
}
