package deposit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"ines/shared/aws"
	"ines/shared/channel"
)

// Bucket is a bucket of Amazon S3. It needs the right s3:GetObject on its objects and
// no other.
type Bucket struct {
	aws         aws.Config
	name, owner string
}

var _ Store = (*Bucket)(nil)

const (
	// answerTime is how long S3 may take until an answer begins, wholeTime how long
	// an object may take in all: 40 MB at 4 MB a second.
	answerTime = 3 * time.Second
	wholeTime  = 10 * time.Second
	// tries is how often an answer that breaks off is asked for again.
	tries = 3
)

// OpenBucket takes the bucket's name and the account that it must belong to: a name
// that became free can be anybody's. "" is any account. It asks nothing of S3 yet.
func OpenBucket(c aws.Config, name, owner string) (*Bucket, error) {
	if name == "" || strings.ContainsAny(name, "/ :") {
		return nil, fmt.Errorf("deposit: %q is no bucket's name", name)
	}
	if c.AttemptTime == 0 {
		c.AttemptTime = answerTime
	}
	return &Bucket{aws: c, name: name, owner: owner}, nil
}

// Fetch implements Store.
func (b *Bucket) Fetch(ctx context.Context, d channel.Deposit) ([]byte, error) {
	if err := named(b.name, d); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, wholeTime)
	defer cancel()
	for n := 1; ; n++ {
		content, err := b.get(ctx, d.Key)
		var broken *brokenOff
		if err == nil || !errors.As(err, &broken) || n == tries {
			return content, err
		}
		if waited := b.aws.Backoff(ctx, n); waited != nil {
			return nil, err
		}
	}
}

type brokenOff struct{ err error }

func (b *brokenOff) Error() string { return "the object broke off: " + b.err.Error() }
func (b *brokenOff) Unwrap() error { return b.err }

func (b *Bucket) get(ctx context.Context, key string) ([]byte, error) {
	call := aws.Call{Service: aws.S3, Operation: "GetObject", Method: http.MethodGet, URL: b.aws.Object(b.name, key, nil)}
	if b.owner != "" {
		call.Header = map[string]string{"X-Amz-Expected-Bucket-Owner": b.owner}
	}
	resp, err := b.aws.Do(ctx, call)
	if err != nil {
		return nil, b.why(err)
	}
	defer resp.Body.Close()
	if sealed(resp.Header) {
		return nil, lost("SES has encrypted it with a key of its own side (message encryption in the receipt rule), and this desk can't read that")
	}
	if resp.ContentLength > MaxBytes {
		return nil, tooLarge(resp.ContentLength)
	}
	var content bytes.Buffer
	content.Grow(int(max(resp.ContentLength, 0)) + bytes.MinRead)
	switch n, err := content.ReadFrom(io.LimitReader(resp.Body, MaxBytes+1)); {
	case err != nil:
		return nil, &brokenOff{err}
	case n > MaxBytes:
		return nil, tooLarge(n)
	}
	return content.Bytes(), nil
}

// sealed reports whether an object was encrypted before it came to S3: the S3
// encryption client, which SES uses for that, notes the wrapped key beside it.
func sealed(h http.Header) bool {
	return h.Get("X-Amz-Meta-X-Amz-Key-V2") != "" || h.Get("X-Amz-Meta-X-Amz-Key") != "" || h.Get("X-Amz-Meta-X-Amz-Cek-Alg") != ""
}

// why tells what will not get better by itself from what may.
func (b *Bucket) why(err error) error {
	var refused *aws.Error
	if !errors.As(err, &refused) || refused.Temporary() {
		return fmt.Errorf("deposit in bucket %s: %w", b.name, err)
	}
	switch {
	case refused.Status == http.StatusNotFound && refused.Code == "NoSuchBucket":
		return mendable("there is no bucket %s", b.name)
	case refused.Status == http.StatusNotFound:
		return mendable("the bucket %s does not have it any more", b.name)
	case refused.Code == "InvalidObjectState":
		return lost("the bucket %s keeps it in deep storage", b.name)
	case refused.Status == http.StatusForbidden:
		return mendable("the bucket %s does not give it to this desk (%s): it is not there any more, or the bucket's policy says no", b.name, refused.Code)
	case refused.Status/100 == 3:
		return lost("the bucket %s is in another region than this desk", b.name)
	}
	return lost("the bucket %s does not give it (%d %s)", b.name, refused.Status, refused.Code)
}
