// Package deposit fetches what a platform laid into a bucket of ours because it was
// too large for a webhook: SES does so with mail above 150 KB. A deployment names the
// one bucket that may be read, and nothing is ever fetched from another, whatever a
// delivery says. Bucket reads Amazon S3, Folder a folder that stands for it on one
// machine.
//
// Function classify fetches; bootstraps, the local host and the operator's command
// open the stores. It imports channel and aws.
package deposit

import (
	"context"
	"fmt"
	"strings"

	"ines/shared/channel"
)

// MaxBytes is the largest object that is fetched, 40 MB: SES takes no larger mail.
const MaxBytes = 40 << 20

// Store is where deposits are. Implementations are safe for concurrent use.
type Store interface {
	// Fetch brings an object, whole. An error that is a *Lost says that it can't be
	// had; any other that it may be had later.
	Fetch(ctx context.Context, d channel.Deposit) ([]byte, error)
}

// Lost says why an object can't be had, in words for a colleague.
type Lost struct {
	Why string
	// Mendable: somebody may be putting it right at this moment (a bucket's policy,
	// an object on its way): it is worth a few tries.
	Mendable bool
}

func (l *Lost) Error() string { return l.Why }

func lost(format string, args ...any) *Lost { return &Lost{Why: fmt.Sprintf(format, args...)} }

func mendable(format string, args ...any) *Lost {
	l := lost(format, args...)
	l.Mendable = true
	return l
}

// named checks that an object is in the bucket that may be read, under a name that
// leads nowhere else.
func named(bucket string, d channel.Deposit) error {
	if d.Bucket != bucket {
		return lost("it is in the bucket %.80q, and this desk is to read mail from %q only", d.Bucket, bucket)
	}
	if d.Key == "" || len(d.Key) > 1024 || strings.ContainsAny(d.Key, "\x00\\") {
		return lost("its name in the bucket is none")
	}
	for part := range strings.SplitSeq(d.Key, "/") {
		if part == "." || part == ".." {
			return lost("its name in the bucket is none")
		}
	}
	return nil
}

// None is a desk that is told of no bucket.
type None struct{}

// Fetch implements Store.
func (None) Fetch(context.Context, channel.Deposit) ([]byte, error) {
	return nil, lost("this desk is told of no bucket that it may read mail from")
}

func tooLarge(bytes int64) error {
	return lost("it has %d bytes, and at most %d are read", bytes, MaxBytes)
}
