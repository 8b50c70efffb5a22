package x

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/channel"
	"ines/shared/message"
)

// The base string is the one of X's page "Creating a signature", for an address of
// today; the signature of it was made with openssl dgst -sha1 -hmac.
const publishedBase = "POST&https%3A%2F%2Fapi.x.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue" +
	"%26oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog%26oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg" +
	"%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958" +
	"%26oauth_token%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0" +
	"%26status%3DHello%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520request%2521"

func published(t *testing.T) (*http.Request, keys, time.Time, string) {
	t.Helper()
	q := url.Values{"include_entities": {"true"}, "status": {"Hello Ladies + Gentlemen, a signed OAuth request!"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://API.x.com/1.1/statuses/update.json?"+q.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	k := keys{"xvz1evFS4wEEPTGEFPHBog", "made-up-consumer-secret", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "made-up-token-secret"}
	return req, k, time.Unix(1318622958, 0), "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"
}

func TestSignatureBaseAsPublished(t *testing.T) {
	req, k, _, nonce := published(t)
	got := signatureBase(req.Method, req.URL, [][2]string{
		{"oauth_consumer_key", k.consumer}, {"oauth_nonce", nonce}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "1318622958"}, {"oauth_token", k.token}, {"oauth_version", "1.0"}})
	if got != publishedBase {
		t.Errorf("signed text:\n%s\nwant\n%s", got, publishedBase)
	}
}

func TestOAuth1Header(t *testing.T) {
	req, k, at, nonce := published(t)
	const want = `OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", ` +
		`oauth_signature_method="HMAC-SHA1", oauth_timestamp="1318622958", oauth_token="370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", ` +
		`oauth_version="1.0", oauth_signature="jWPlhA%2FrixxjOpUDFm4BsPJ3r4k%3D"`
	if got := k.header(req, at, nonce); got != want {
		t.Errorf("header:\n%s\nwant\n%s", got, want)
	}
}

// Parameters are ordered as they are encoded, by name and then by value: RFC 5849,
// section 3.4.1.3.2.
func TestSignedParametersAreInOrder(t *testing.T) {
	u, err := url.Parse("https://api.x.com/a%20b?c=2&c=1&b5=%3D%253D&a3=a&c%40=&a2=r+b&a=x")
	if err != nil {
		t.Fatal(err)
	}
	const want = "GET&https%3A%2F%2Fapi.x.com%2Fa%2520b&a%3Dx%26a2%3Dr%2520b%26a3%3Da%26b5%3D%253D%25253D%26c%3D1%26c%3D2%26c%2540%3D"
	if got := signatureBase(http.MethodGet, u, nil); got != want {
		t.Errorf("signed text:\n%s\nwant\n%s", got, want)
	}
}

// What is sent depends on the credential's form; whatever it is, none of its secrets
// goes over the wire.
func TestEitherKindOfUserToken(t *testing.T) {
	const four = "made-up-key:made-up-consumer-secret:1-made-up-token:made-up-token-secret"
	for credential, scheme := range map[string]string{
		"made-up-user-token": "Bearer made-up-user-token", four: "OAuth oauth_consumer_key=\"made-up-key\", oauth_nonce=",
		"a:b:c": "Bearer a:b:c", "a::c:d": "Bearer a::c:d",
	} {
		var got []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = append(got, r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(`{"data":{"id":"9"}}`))
		}))
		o := channel.Outlet{HTTP: &http.Client{Transport: towards(server.URL)}, Inbox: channel.Inbox{ID: "northline-x", Account: "1"}, Token: credential, Now: time.Unix(1318622958, 0)}
		for range 2 {
			if _, err := (Channel{}).Send(t.Context(), o, channel.Reply{Parent: "7", Text: "hello", Thread: channel.Thread{Visibility: message.Public}}); err != nil {
				t.Error(err)
			}
		}
		server.Close()
		if len(got) != 2 || !strings.HasPrefix(got[0], scheme) {
			t.Errorf("%s sends %q", credential, got)
			continue
		}
		if credential == four {
			if got[0] == got[1] {
				t.Error("a nonce is used twice")
			}
			for _, secret := range []string{"made-up-consumer-secret", "made-up-token-secret"} {
				if strings.Contains(got[0], secret) {
					t.Errorf("%s goes over the wire", secret)
				}
			}
		}
	}
}

// towards sends every call to a server, whatever address it names.
type towards string

func (to towards) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	u, err := url.Parse(string(to))
	if err != nil {
		return nil, err
	}
	r.URL.Scheme, r.URL.Host = u.Scheme, u.Host
	return http.DefaultTransport.RoundTrip(r)
}
