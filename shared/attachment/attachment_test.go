package attachment

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"ines/shared/channel"
)

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true, "::ffff:93.184.215.14": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"::ffff:169.254.169.254": false, "::ffff:127.0.0.1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false,
		"100.64.0.1": false, "0.0.0.0": false, "::": false, "224.0.0.1": false, "255.255.255.255": false, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "198.18.0.1": false, "203.0.113.7": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: public %t, want %t", address, got, want)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all is public")
	}
}

const png = "\x89PNG\r\n\x1a\n and so on"

// server is a platform's file host; its client trusts it and may reach it.
func server(t *testing.T, serve http.HandlerFunc) (*http.Client, string) {
	t.Helper()
	s := httptest.NewTLSServer(serve)
	t.Cleanup(s.Close)
	c := client(netip.Addr.IsLoopback)
	c.Transport.(*http.Transport).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	return c, s.URL
}

func get(t *testing.T, c *http.Client, link, declared string, header ...string) (File, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return Get(t.Context(), c, r, declared)
}

func TestGet(t *testing.T) {
	for _, tc := range []struct {
		name     string
		declared string
		serve    http.HandlerFunc
		is       string
		class    channel.Class
		why      string
	}{
		{"an image", "", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(png)) }, "image/png", "", ""},
		{"declared better than it looks", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
			func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("PK\x03\x04")) },
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", ""},
		{"a page that says it is an image", "image/png", func(w http.ResponseWriter, _ *http.Request) {
			w.Write([]byte("<!doctype html><script>1</script>"))
		}, "", channel.Permanent, "text/html"},
		{"a program", "application/pdf", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("MZ\x90\x00")) }, "", channel.Permanent, "not kept"},
		{"an SVG", "image/svg+xml", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<svg/>")) }, "", channel.Permanent, "image/svg"},
		{"too large by its own word", "", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") }, "", channel.Permanent, "99999999 bytes"},
		{"too large without saying so", "image/png", func(w http.ResponseWriter, _ *http.Request) {
			block := []byte(strings.Repeat("x", 1<<20))
			for range 21 {
				w.Write(block)
				w.(http.Flusher).Flush()
			}
		}, "", channel.Permanent, "more than"},
		{"gone", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "", channel.Permanent, "404"},
		{"rate limit", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
		}, "", channel.Throttled, ""},
		{"server down", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "", channel.Retry, ""},
		{"cut off", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte(png))
		}, "", channel.Retry, "broke off"},
		{"leads on to http", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1/")
			w.WriteHeader(http.StatusFound)
		}, "", channel.Permanent, "only https"},
		{"leads on for ever", "", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.Path+"x")
			w.WriteHeader(http.StatusFound)
		}, "", channel.Permanent, "more than 5"},
	} {
		c, link := server(t, tc.serve)
		f, err := get(t, c, link+"/a", tc.declared)
		var se *channel.SendError
		if tc.class == "" {
			if err != nil || f.Type != tc.is || len(f.Body) == 0 {
				t.Errorf("%s: %q, %v", tc.name, f.Type, err)
			}
		} else if !errors.As(err, &se) || se.Class != tc.class || !strings.Contains(se.Error(), tc.why) {
			t.Errorf("%s: %v, want %s with %q", tc.name, err, tc.class, tc.why)
		}
	}
}

func TestNoRequestToPrivateAddresses(t *testing.T) {
	asked := false
	c, link := server(t, func(w http.ResponseWriter, _ *http.Request) { asked = true; w.Write([]byte(png)) })
	guarded := Client()
	guarded.Transport.(*http.Transport).TLSClientConfig = c.Transport.(*http.Transport).TLSClientConfig
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		_, err := get(t, guarded, "https://"+host+":"+u.Port()+"/a", "")
		var se *channel.SendError
		if !errors.As(err, &se) || se.Class != channel.Permanent {
			t.Errorf("%s: %v", host, err)
		}
	}
	for _, link := range []string{"http://93.184.215.14/", "ftp://files.example/x", "file:///etc/passwd"} {
		if _, err := get(t, guarded, link, ""); err == nil {
			t.Errorf("%s was followed", link)
		}
	}
	if asked {
		t.Error("a private address was asked")
	}
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	var leaked http.Header
	_, elsewhere := server(t, func(w http.ResponseWriter, r *http.Request) { leaked = r.Header; w.Write([]byte(png)) })
	c, link := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", elsewhere)
		w.WriteHeader(http.StatusFound)
	})
	c.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true
	if _, err := get(t, c, link, "", "Authorization", "Bearer t", "X-Api-Key", "k"); err != nil {
		t.Fatal(err)
	}
	if leaked.Get("Authorization") != "" || leaked.Get("X-Api-Key") != "" {
		t.Errorf("another host was told %v", leaked)
	}
}

func TestOfflineReachesNobody(t *testing.T) {
	for link, why := range map[string]string{"https://cdn.example/a.jpg": "without the network", "https://169.254.169.254/": "no public address"} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Get(t.Context(), Offline(), r, ""); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", link, err)
		}
	}
}

func FuzzType(f *testing.F) {
	f.Add("image/png", []byte(png))
	f.Add("text/plain; charset=utf-8", []byte("<html>"))
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, declared string, body []byte) {
		if is, why := Type(declared, body); why == "" && (is == "text/html" || strings.HasPrefix(is, "image/svg")) {
			t.Errorf("a %s is kept", is)
		}
	})
}
