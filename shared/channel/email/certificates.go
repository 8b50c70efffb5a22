package email

import (
	"context"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"ines/shared/attachment"
	"ines/shared/channel"
	"ines/shared/verify"
)

// certificates fetches and keeps what SNS signs with, by address. It is safe for
// concurrent use.
type certificates struct {
	client *http.Client
	now    func() time.Time

	mu   sync.Mutex
	kept map[string]certificate
}

type certificate struct {
	key   *rsa.PublicKey
	until time.Time
}

// SNS has one certificate a region and changes it about once a year.
const (
	certificateLife  = 12 * time.Hour
	mostCertificates = 40
)

// snsCertificates serves the whole process: the certificates are public and the
// same for every inbox.
var snsCertificates = &certificates{client: certificateClient(), now: time.Now}

func certificateClient() *http.Client {
	c := attachment.Client() // public addresses only
	c.Timeout = 3 * time.Second
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// key is the one at an address of SNS's. The error wraps channel.ErrNotNow unless
// it is none of theirs.
func (c *certificates) key(address string) (*rsa.PublicKey, error) {
	if err := verify.SNSAddress(address, true); err != nil {
		return nil, fmt.Errorf("%w: %w", channel.ErrSignature, err)
	}
	c.mu.Lock()
	have, ok := c.kept[address]
	c.mu.Unlock()
	if ok && c.now().Before(have.until) {
		return have.key, nil
	}
	key, err := c.fetch(address)
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate of SNS: %w", channel.ErrNotNow, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= mostCertificates {
		c.kept = map[string]certificate{}
	}
	c.kept[address] = certificate{key: key, until: c.now().Add(certificateLife)}
	return key, nil
}

func (c *certificates) fetch(address string) (*rsa.PublicKey, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("answer %d", resp.StatusCode)
	}
	key, _, err := verify.RSAKey(string(raw))
	return key, err
}
