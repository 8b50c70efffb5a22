package s3

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ines/shared/archive"
	"ines/shared/archive/object"
	"ines/shared/aws"
)

// Delete implements archive.Archive.
func (a *Archive) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !object.IsBlob(key) {
		return fmt.Errorf("%w: %q", archive.ErrNotFound, key)
	}
	return a.remove(ctx, key)
}

// remove asks S3 to forget an object; S3 says yes where there is none, too. In a
// bucket with versions the earlier ones stay until their lifecycle rule ends them.
func (a *Archive) remove(ctx context.Context, key string) error {
	resp, err := a.aws.Do(ctx, aws.Call{Service: aws.S3, Operation: "DeleteObject", Method: http.MethodDelete, URL: a.url(key, nil)})
	if err != nil {
		return a.failure("delete "+key, err)
	}
	return a.failure("delete "+key, resp.Body.Close())
}

// Drop implements archive.Archive.
func (a *Archive) Drop(ctx context.Context, from, to time.Time, picked func(archive.Record) bool) (dropped int, err error) {
	var errs []error
	err = a.keys(ctx, from, to, func(key string) bool {
		n, err := a.sift(ctx, key, from, to, picked)
		dropped += n
		if err != nil {
			errs = append(errs, fmt.Errorf("archive object %s: %w", key, err))
		}
		return true
	})
	return dropped, errors.Join(append(errs, err)...)
}

func (a *Archive) sift(ctx context.Context, key string, from, to time.Time, picked func(archive.Record) bool) (int, error) {
	if overlaps, err := object.Overlaps(key, from, to); err != nil || !overlaps {
		return 0, err
	}
	packed, err := a.whole(ctx, key)
	if errors.Is(err, archive.ErrNotFound) {
		return 0, nil // another one has dropped it meanwhile
	}
	if err != nil {
		return 0, err
	}
	stay, dropped, err := object.Sift(bytes.NewReader(packed), from, to, picked)
	if err != nil || dropped == 0 {
		return 0, err
	}
	if len(stay) > 0 {
		if _, err := a.Append(ctx, stay...); err != nil {
			return 0, err
		}
	}
	return dropped, a.remove(ctx, key)
}
