package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"ines/functions/desk"
	"ines/infra/plan"
	"ines/shared/lambdahttp"
	"ines/shared/oidc"
	"ines/shared/oidc/oidctest"
)

const console = "https://desk.northline.example"

// browser keeps cookies as browsers do: by path, until they are taken back.
type browser struct {
	*bench
	issuer *oidctest.Issuer
	now    time.Time // the world's
	jar    map[string]*http.Cookie
}

func cloud(t *testing.T, claim string) *browser {
	t.Helper()
	i := oidctest.New(t)
	b := &browser{issuer: i, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), jar: map[string]*http.Cookie{}}
	i.Now = func() time.Time { return b.now }
	i.Claims = map[string]any{"email": "Ines@northline.example", "email_verified": true}
	client, err := oidc.New(oidc.Config{Issuer: i.URL, Client: oidctest.Client, Now: i.Now})
	if err != nil {
		t.Fatal(err)
	}
	b.bench = newBench(t, func(c *desk.Config) {
		c.SignIn, c.Wall = &desk.SignIn{Issuer: client, ConsoleURL: console, Claim: claim}, i.Now
	})
	return b
}

// visit sends what a browser would and keeps the cookies that it gets.
func (b *browser) visit(method, target, body string, headers ...string) events.APIGatewayV2HTTPResponse {
	b.Helper()
	r := httptest.NewRequest(method, console+target, nil)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("X-Forwarded-Proto", "https")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", console)
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Set(name, v)
	}
	for _, c := range b.jar {
		if strings.HasPrefix(r.URL.Path, c.Path) {
			r.AddCookie(c)
		}
	}
	resp, err := b.desk.Handle(b.Context(), lambdahttp.FromHTTP(r, []byte(body), "1", b.now))
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range resp.Cookies {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			b.Fatal(err)
		}
		if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || strings.HasPrefix(c.Name, "__Host-") && c.Path != "/" {
			b.Errorf("a cookie that scripts, neighbours or the network can have: %s", line)
		}
		if c.MaxAge < 0 {
			delete(b.jar, c.Name)
			continue
		}
		b.jar[c.Name] = c
	}
	return resp
}

// signIn goes to the issuer and back and returns the last answer.
func (b *browser) signIn(next string) events.APIGatewayV2HTTPResponse {
	b.Helper()
	out := b.visit("GET", next, "")
	if out.StatusCode != http.StatusSeeOther || !strings.HasPrefix(out.Headers["location"], "/sign-in?next=") {
		b.Fatalf("a stranger gets %d %s", out.StatusCode, out.Headers["location"])
	}
	to := b.visit("GET", out.Headers["location"], "")
	if to.StatusCode != http.StatusSeeOther {
		b.Fatalf("sign-in: %d %s", to.StatusCode, to.Body)
	}
	return b.visit("GET", b.back(b.issuer.Authorize(b, to.Headers["location"])), "")
}

func (b *browser) back(to string) string {
	b.Helper()
	path, ok := strings.CutPrefix(to, console)
	if !ok || !strings.HasPrefix(path, plan.SignInCallback+"?") {
		b.Fatalf("the issuer sends the browser to %s", to)
	}
	return path
}

func TestSignIn(t *testing.T) {
	b := cloud(t, "")
	id := b.open()
	if in := b.signIn("/cases/" + id); in.StatusCode != http.StatusSeeOther || in.Headers["location"] != "/cases/"+id {
		t.Fatalf("%d %s %s", in.StatusCode, in.Headers["location"], in.Body)
	}
	if page := b.visit("GET", "/cases/"+id, ""); page.StatusCode != 200 || !strings.Contains(page.Body, "Ines Silva") {
		t.Errorf("%d", page.StatusCode)
	}
	if did := b.visit("POST", "/cases/"+id+"/notes", "text=hello"); did.StatusCode >= 400 {
		t.Errorf("a form: %d %s", did.StatusCode, did.Body)
	}
	// A page's cookie commands no API, whose door the authorizer keeps.
	if api := b.visit("GET", "/api/cases", ""); api.StatusCode != http.StatusUnauthorized {
		t.Errorf("the API with a cookie: %d", api.StatusCode)
	}
	for _, secret := range []string{b.jar["__Host-ines_session"].Value, "refresh-1"} {
		if strings.Contains(b.log.String(), secret) {
			t.Error("the log shows a token")
		}
	}
}

// TestForeignForms: what another site makes a browser send does nothing, cookie or
// not.
func TestForeignForms(t *testing.T) {
	b := cloud(t, "")
	id := b.open()
	b.signIn("/")
	before := b.visit("GET", "/cases/"+id, "").Body
	for _, headers := range [][]string{
		{"Origin: https://evil.example"}, {"Origin: null"}, {"Origin: https://evil.example", "Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: same-site", "Origin: https://other.northline.example"},
	} {
		for _, target := range []string{"/cases/" + id + "/notes", "/sign-out"} {
			if got := b.visit("POST", target, "text=planted", headers...); got.StatusCode != http.StatusForbidden {
				t.Errorf("%v to %s: %d", headers, target, got.StatusCode)
			}
		}
	}
	if after := b.visit("GET", "/cases/"+id, "").Body; strings.Contains(after, "planted") || len(after) != len(before) {
		t.Error("a foreign form did something")
	}
	// The edge in front calls the API by another host name than the browser.
	if got := b.visit("POST", "/cases/"+id+"/notes", "text=own", "Host: api.example"); got.StatusCode >= 400 {
		t.Errorf("the console's own form behind an edge: %d", got.StatusCode)
	}
}

func TestTampered(t *testing.T) {
	for name, change := range map[string]func(b *browser, q url.Values){
		"state":      func(_ *browser, q url.Values) { q.Set("state", "another") },
		"no state":   func(_ *browser, q url.Values) { q.Del("state") },
		"no cookie":  func(b *browser, _ url.Values) { delete(b.jar, "__Host-ines_login") },
		"bad cookie": func(b *browser, _ url.Values) { b.jar["__Host-ines_login"].Value = "e30" },
		"code":       func(_ *browser, q url.Values) { q.Set("code", "another") },
		"no code":    func(_ *browser, q url.Values) { q.Del("code"); q.Set("error", "access_denied") },
		"issuer's token for another": func(b *browser, _ url.Values) {
			b.issuer.Claims["aud"] = "another"
		},
		"issuer's token unsigned": func(b *browser, _ url.Values) { b.issuer.Claims["iss"] = "https://evil.example" },
	} {
		b := cloud(t, "")
		to := b.visit("GET", "/sign-in?next=/", "")
		back, err := url.Parse(b.back(b.issuer.Authorize(t, to.Headers["location"])))
		if err != nil {
			t.Fatal(err)
		}
		q := back.Query()
		change(b, q)
		got := b.visit("GET", back.Path+"?"+q.Encode(), "")
		if got.StatusCode != 400 && got.StatusCode != 403 {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.Body)
		}
		if b.jar["__Host-ines_session"] != nil || b.jar["__Host-ines_login"] != nil && name != "no cookie" {
			t.Errorf("%s: the browser keeps %v", name, b.jar)
		}
	}
}

// TestAgain: a callback works once.
func TestAgain(t *testing.T) {
	b := cloud(t, "")
	to := b.visit("GET", "/sign-in?next=//evil.example", "")
	back := b.back(b.issuer.Authorize(t, to.Headers["location"]))
	if got := b.visit("GET", back, ""); got.StatusCode != http.StatusSeeOther || got.Headers["location"] != "/" {
		t.Errorf("%d to %s, want the list: nobody is sent to another site", got.StatusCode, got.Headers["location"])
	}
	if got := b.visit("GET", back, ""); got.StatusCode != http.StatusBadRequest {
		t.Errorf("again: %d", got.StatusCode)
	}
}

func TestSessionCookies(t *testing.T) {
	b := cloud(t, "")
	good := b.issuer.Token(nil, nil)
	parts := strings.Split(good, ".")
	for name, tt := range map[string]struct {
		token string
		want  int
	}{
		"good":          {good, 200},
		"alg none":      {b.issuer.Token(map[string]any{"alg": "none"}, nil), 303},
		"wrong client":  {b.issuer.Token(nil, map[string]any{"aud": "another"}), 303},
		"access token":  {b.issuer.Token(nil, map[string]any{"token_use": "access"}), 303},
		"tampered":      {parts[0] + "." + parts[1] + "x." + parts[2], 303},
		"nonsense":      {"ines", 303},
		"not verified":  {b.issuer.Token(nil, map[string]any{"email_verified": false}), 403},
		"not said":      {b.issuer.Token(nil, map[string]any{"email_verified": nil}), 403},
		"unknown":       {b.issuer.Token(nil, map[string]any{"email": "eve@northline.example"}), 403},
		"by id":         {b.issuer.Token(nil, map[string]any{"custom:colleague": "tom", "email": nil}), 200},
		"id first":      {b.issuer.Token(nil, map[string]any{"custom:colleague": "eve"}), 403},
		"no email":      {b.issuer.Token(nil, map[string]any{"email": nil}), 403},
		"empty address": {b.issuer.Token(nil, map[string]any{"email": ""}), 403},
	} {
		b.jar = map[string]*http.Cookie{"s": {Name: "__Host-ines_session", Value: tt.token, Path: "/"}}
		got := b.visit("GET", "/", "")
		if got.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", name, got.StatusCode, tt.want)
		}
		if tt.want == 403 && !strings.Contains(got.Body, "desk policy has no such colleague") {
			t.Errorf("%s: the page says %s", name, got.Body)
		}
	}
}

// TestExpiry: a session that ended is renewed without asking anybody, while the
// issuer allows it; then people sign in again, and a form waits for that.
func TestExpiry(t *testing.T) {
	b := cloud(t, "")
	id := b.open()
	b.signIn("/")
	b.now = b.now.Add(2 * time.Hour)
	if got := b.visit("POST", "/cases/"+id+"/notes", "text=typed"); got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.Body, "nothing was done") {
		t.Errorf("a form: %d %s", got.StatusCode, got.Body)
	}
	to := b.visit("GET", "/cases/"+id, "").Headers["location"]
	if got := b.visit("GET", to, ""); got.Headers["location"] != "/cases/"+id {
		t.Errorf("renewing goes to %s", got.Headers["location"])
	}
	if got := b.visit("GET", "/cases/"+id, ""); got.StatusCode != 200 {
		t.Errorf("renewed: %d", got.StatusCode)
	}
	b.now = b.now.Add(2 * time.Hour)
	b.issuer.NoRenew = true
	if got := b.visit("GET", to, ""); !strings.HasPrefix(got.Headers["location"], b.issuer.URL+"/authorize?") {
		t.Errorf("not renewed, and sent to %s", got.Headers["location"])
	}
	if b.jar["__Secure-ines_refresh"] != nil {
		t.Error("a refused refresh token is kept")
	}
}

func TestSignOut(t *testing.T) {
	b := cloud(t, "")
	b.issuer.Logout = "https://sign-in.example/logout"
	b.signIn("/")
	if got := b.visit("POST", "/sign-out", ""); got.Headers["location"] != plan.SignedOut || len(b.jar) != 0 {
		t.Errorf("%s, cookies %v", got.Headers["location"], b.jar)
	}
	if got := b.visit("GET", plan.SignedOut, ""); got.StatusCode != 200 || !strings.Contains(got.Body, `<a href="https://sign-in.example/logout?client_id=console`) {
		t.Errorf("%d %s", got.StatusCode, got.Body)
	}
	if got := b.visit("GET", "/", ""); got.StatusCode != http.StatusSeeOther {
		t.Errorf("after signing out: %d", got.StatusCode)
	}
}

// Whatever an issuer says its sign-out page is, only https leads off the console.
func TestSignOutLeadsNowhereElse(t *testing.T) {
	for _, at := range []string{"javascript:alert(1)//", "http://sign-in.example/logout", "//sign-in.example/logout", "data:text/html,x", "https://ines@sign-in.example/"} {
		b := cloud(t, "")
		b.issuer.Logout = at
		b.signIn("/")
		b.visit("POST", "/sign-out", "")
		if got := b.visit("GET", plan.SignedOut, ""); got.StatusCode != 200 || strings.Count(got.Body, "<a ") != 3 || strings.Contains(got.Body, "logout") {
			t.Errorf("%s: %d %s", at, got.StatusCode, got.Body)
		}
	}
}

func TestIssuerDown(t *testing.T) {
	b := cloud(t, "")
	b.issuer.Down = true
	if got := b.visit("GET", "/sign-in", ""); got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("%d", got.StatusCode)
	}
	if got := b.visit("GET", plan.SignedOut, ""); got.StatusCode != 200 {
		t.Errorf("%d", got.StatusCode)
	}
	b.jar["s"] = &http.Cookie{Name: "__Host-ines_session", Value: b.issuer.Token(nil, nil), Path: "/"}
	if got := b.visit("GET", "/", ""); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a session that can't be verified: %d", got.StatusCode)
	}
}

func TestTokenTooLarge(t *testing.T) {
	b := cloud(t, "")
	b.issuer.Claims["groups"] = strings.Repeat("group ", 700)
	if got := b.signIn("/"); got.StatusCode != http.StatusServiceUnavailable || b.jar["__Host-ines_session"] != nil || !strings.Contains(b.log.String(), "larger than a cookie") {
		t.Errorf("%d, %s", got.StatusCode, b.log)
	}
}

// TestClaimsOfTheAuthorizer: the API believes what the gateway has verified.
func TestClaimsOfTheAuthorizer(t *testing.T) {
	for _, tt := range []struct {
		claim  string
		claims map[string]string
		want   int
	}{
		{"", nil, 401},
		{"", map[string]string{"custom:colleague": "tom"}, 200},
		{"", map[string]string{"email": "ines@northline.example", "email_verified": "true"}, 200},
		{"", map[string]string{"email": "ines@northline.example", "email_verified": "false"}, 403},
		{"", map[string]string{"email": "ines@northline.example"}, 403},
		{"", map[string]string{"sub": "1"}, 403},
		{"preferred_username", map[string]string{"preferred_username": "INES@northline.example"}, 200},
		{"preferred_username", map[string]string{"preferred_username": "tom"}, 200},
		{"preferred_username", map[string]string{"custom:colleague": "tom"}, 403},
	} {
		b := cloud(t, tt.claim)
		e := lambdahttp.FromHTTP(httptest.NewRequest("GET", "/api/cases", nil), nil, "1", b.now)
		if tt.claims != nil {
			e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
				JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: tt.claims}}
		}
		resp, err := b.desk.Handle(t.Context(), e)
		if err != nil || resp.StatusCode != tt.want {
			t.Errorf("%q %v: %d, want %d: %s", tt.claim, tt.claims, resp.StatusCode, tt.want, resp.Body)
		}
		if tt.want == 403 && !strings.Contains(resp.Body, `"not-a-colleague"`) {
			t.Errorf("%v: %s", tt.claims, resp.Body)
		}
		if got := b.visit("GET", "/healthz", ""); got.StatusCode != 200 {
			t.Errorf("healthz: %d", got.StatusCode)
		}
	}
}
