package channeltest

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"ines/shared/channel"
)

// verification: the fixture passes as it was saved, and newly signed; nothing
// that was tampered with does.
func verification(t *testing.T, ch channel.Channel, saved channel.Saved, c Config, f fixture) {
	check := func(what string, s channel.Secrets, r channel.Request, good bool) {
		t.Helper()
		err := ch.Verify(c.Inbox, s, r, c.Now)
		switch {
		case good && err != nil:
			t.Errorf("%s: refused: %v", what, err)
		case !good && err == nil:
			t.Errorf("%s: passed", what)
		case !good && !errors.Is(err, channel.ErrSignature):
			t.Errorf("%s: %v does not wrap channel.ErrSignature", what, err)
		}
	}
	if err := ch.Verify(c.Inbox, c.Secrets, f.request, f.at); err != nil {
		t.Errorf("as saved (run with -update to sign it anew): %v", err)
	}
	before := cloneRequest(f.request)
	r, err := saved.Sign(c.Inbox, c.Secrets, f.request, c.Now)
	if err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if !sameRequest(before, f.request) {
		t.Error("Sign changed the request it was given")
	}
	if !c.InBody && !bytes.Equal(r.Body, f.request.Body) {
		t.Error("Sign changed the body")
	}
	sign := func(secrets ...string) channel.Secrets {
		return channel.Secrets{Sign: secrets, Verify: c.Secrets.Verify}
	}
	current, previous := c.Secrets.Sign[0], c.Secrets.Sign[1]
	check("newly signed", c.Secrets, r, true)
	check("current secret alone", sign(current), r, true)
	check("while rotating", sign(previous, current), r, true)
	check("wrong secret", sign(c.WrongSecret), r, false)
	check("no secret", sign(), r, false)
	check("empty secret", sign(""), r, false)

	old, err := saved.Sign(c.Inbox, sign(previous), f.request, c.Now)
	if err != nil {
		t.Fatalf("Sign with the previous secret: %v", err)
	}
	check("signed before the rotation", c.Secrets, old, true)
	check("signed before the rotation, secret retired", sign(current), old, false)

	if !c.BodyUnsigned && len(r.Body) > 0 {
		for _, at := range []int{0, len(r.Body) / 2, len(r.Body) - 1} {
			flipped := cloneRequest(r)
			flipped.Body[outsideEscape(r, at)] ^= 0x20
			check("a flipped body byte", c.Secrets, flipped, false)
		}
		longer := channel.Request{Method: r.Method, Query: r.Query, Header: r.Header, Body: append(slices.Clone(r.Body), '\n')}
		if !c.InBody {
			check("a longer body", c.Secrets, longer, false)
		}
	}
	if c.InBody {
		return // no header of its own to take away
	}
	signing := 0
	for name := range r.Header {
		less := cloneRequest(r)
		delete(less.Header, name)
		err := ch.Verify(c.Inbox, c.Secrets, less, c.Now)
		if err == nil {
			continue
		}
		signing++
		check("without "+name, c.Secrets, less, false)
		less.Header[name] = r.Header[name] + ", " + r.Header[name]
		check("twice "+name, c.Secrets, less, false)
		less.Header[name] = r.Header[name][:len(r.Header[name])/2]
		check("truncated "+name, c.Secrets, less, false)
	}
	if signing == 0 {
		t.Error("no header matters to Verify")
	}
}

// outsideEscape moves a place in a form out of a percent escape: %2B and %2b say the
// same, and schemes that sign what a form says let both pass.
func outsideEscape(r channel.Request, at int) int {
	if strings.HasPrefix(r.Header["content-type"], "application/x-www-form-urlencoded") {
		for at > 0 && (r.Body[at-1] == '%' || at > 1 && r.Body[at-2] == '%') {
			at--
		}
	}
	return at
}

func cloneRequest(r channel.Request) channel.Request {
	return channel.Request{Method: r.Method, Query: r.Query, Header: maps.Clone(r.Header), Body: slices.Clone(r.Body)}
}

func sameRequest(a, b channel.Request) bool {
	return a.Method == b.Method && a.Query == b.Query && maps.Equal(a.Header, b.Header) && bytes.Equal(a.Body, b.Body)
}
