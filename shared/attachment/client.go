package attachment

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// refusal is why an address is not asked.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

// Refused reports whether an error says that one of this package's clients did not
// ask an address, and why: it will never ask it.
func Refused(err error) (why string, ok bool) {
	var no *refusal
	if !errors.As(err, &no) {
		return "", false
	}
	return no.why, true
}

// maxRedirects is how far a link may lead on.
const maxRedirects = 5

// Client is what files are got with. It looks at the address that a name has been
// resolved to, at the moment of connecting, so that no name, redirect or answer
// that changes meanwhile leads it to a private or link-local network; it uses no
// proxy, which would connect in its place.
func Client() *http.Client { return client(Public) }

func client(allowed func(netip.Addr) bool) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &refusal{"the address " + address + " can't be read"}
		}
		if !allowed(at.Addr()) {
			return &refusal{fmt.Sprintf("the link leads to %s, which is no public address", at.Addr())}
		}
		return nil
	}}
	return &http.Client{
		Transport: &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 5 * time.Second,
			ResponseHeaderTimeout: 10 * time.Second, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return &refusal{fmt.Sprintf("the link leads on more than %d times", maxRedirects)}
			case r.URL.Scheme != "https":
				return &refusal{"the link leads on to " + r.URL.Scheme + ", only https is followed"}
			case r.URL.Host != via[0].URL.Host:
				// Beyond what net/http drops by itself: platforms have headers
				// of their own for keys.
				r.Header = http.Header{"User-Agent": r.Header["User-Agent"]}
			}
			return nil
		},
	}
}

// notPublic are ranges that net/netip has no word for: shared address space,
// IETF assignments, documentation, benchmarking, 6to4 and NAT64 (which hide other
// addresses), reserved. Source: the IANA special-purpose address registries.
var notPublic = sync.OnceValue(func() []netip.Prefix {
	var all []netip.Prefix
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10"} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
})

// Public reports whether an address is one of the open internet's.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.Zone() != "" {
		return false
	}
	for _, p := range notPublic() {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Offline refuses every link: a desk that plays with saved events reaches nobody.
func Offline() *http.Client {
	return &http.Client{Transport: offline{}}
}

type offline struct{}

func (offline) RoundTrip(r *http.Request) (*http.Response, error) {
	if a, err := netip.ParseAddr(r.URL.Hostname()); err == nil && !Public(a) || r.URL.Hostname() == "localhost" {
		return nil, &refusal{"the link leads to " + r.URL.Hostname() + ", which is no public address"}
	}
	return nil, &refusal{"this desk runs without the network (start it with --live to fetch files)"}
}
