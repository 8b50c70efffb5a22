package verify_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ines/shared/verify"
)

const form = "application/x-www-form-urlencoded"

// twilioForm is a request whose form holds the bytes as one value.
func twilioForm(value []byte) verify.TwilioRequest {
	return verify.TwilioRequest{URL: "https://hooks.northline.example/webhooks/sms/i", ContentType: form, Body: []byte("Body=" + url.QueryEscape(string(value)))}
}

// The published vectors 1 and 2, and our own of a form body (CHANNELS.md, 11).
func TestSlackVectors(t *testing.T) {
	for name, v := range map[string]struct {
		secret, body, signature string
		at                      int64
	}{
		"1": {"8f742231b10e8888abcd99yyyzzz85a5", "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
			"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503", 1531420618},
		"2": {"e6b19c573432dcc6b075501d51b51bb8", `{"token":"aF5ynEYQH0dFN9imlgcADxDB","team_id":"XXXXXXXXX","api_app_id":"YYYYYYYYY","event":{"type":"app_mention","user":"AAAAAAAAA","text":"<@EEEEEEEEE> hello world","client_msg_id":"477cc591-ch73-a14z-4db8-g0cd76321bec","ts":"1531431954.000073","channel":"TTTTTTTTT","event_ts":"1531431954.000073"},"type":"event_callback","event_id":"TvBP7LRED7","event_time":1531431954,"authed_users":["EEEEEEEEE"]}`,
			"v0=adada4ed31709aef585c2580ca3267678c6a8eaeb7e0c1aca3ee57b656886b2c", 1531431954},
		"form": {"not-a-real-signing-secret", "payload=%7B%22type%22%3A%22block_actions%22%7D", "v0=2b0e670d330219ce087ddd87bff9fe033434b2517e5ab12f1eb568d2aad42cce", 1700000000},
	} {
		stamp, sig := time.Unix(v.at, 0), ""
		if sig, _ = verify.SignSlack(stamp, []byte(v.body), v.secret); sig != v.signature {
			t.Errorf("%s: signed %s, published %s", name, sig, v.signature)
		}
		_, ts := verify.SignSlack(stamp, nil, v.secret)
		for what, c := range map[string]struct {
			sig, ts, body string
			now           time.Time
			want          error
		}{
			"published":        {v.signature, ts, v.body, stamp, nil},
			"five minutes old": {v.signature, ts, v.body, stamp.Add(verify.Tolerance), nil},
			"stale":            {v.signature, ts, v.body, stamp.Add(verify.Tolerance + time.Second), verify.ErrStale},
			"from the future":  {v.signature, ts, v.body, stamp.Add(-verify.Tolerance - time.Second), verify.ErrStale},
			"another time":     {v.signature, ts[:9] + "9", v.body, stamp, verify.ErrMismatch},
			"time with a sign": {v.signature, "+" + ts, v.body, stamp, verify.ErrMalformed},
			"time as a word":   {v.signature, "now", v.body, stamp, verify.ErrMalformed},
			"endless time":     {v.signature, strings.Repeat("9", 30), v.body, stamp, verify.ErrMalformed},
			"no time":          {v.signature, "", v.body, stamp, verify.ErrMissing},
			"two times":        {v.signature, ts + ", " + ts, v.body, stamp, verify.ErrMalformed},
			"two signatures":   {v.signature + ", " + v.signature, ts, v.body, stamp, verify.ErrMalformed},
			"upper case":       {"v0=" + strings.ToUpper(v.signature[3:]), ts, v.body, stamp, verify.ErrMalformed},
			"other version":    {"v1=" + v.signature[3:], ts, v.body, stamp, verify.ErrMalformed},
			"not hex":          {"v0=" + strings.Repeat("z", 64), ts, v.body, stamp, verify.ErrMalformed},
			"truncated":        {v.signature[:40], ts, v.body, stamp, verify.ErrMalformed},
			"flipped byte":     {v.signature, ts, v.body[:5] + "!" + v.body[6:], stamp, verify.ErrMismatch},
		} {
			if err := verify.Slack(c.sig, c.ts, []byte(c.body), []string{"another", v.secret}, c.now); !errors.Is(err, c.want) {
				t.Errorf("%s, %s: %v, want %v", name, what, err, c.want)
			}
		}
	}
}

// The published vectors 3 to 9.
func TestTwilioVectors(t *testing.T) {
	const (
		base  = "https://mycompany.com/myapp.php"
		query = "foo=1&bar=2"
		call  = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
		json  = `{"property": "value", "boolean": true}`
	)
	sum := sha256.Sum256([]byte(json))
	hash := "bodySHA256=" + hex.EncodeToString(sum[:])
	if hash != "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620" {
		t.Fatal(hash)
	}
	req := func(url, query, kind, body string) verify.TwilioRequest {
		return verify.TwilioRequest{URL: url, Query: query, ContentType: kind, Body: []byte(body)}
	}
	for _, v := range []struct {
		name      string
		r         verify.TwilioRequest
		signature string
		want      error
	}{
		{"3", req(base, query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", nil},
		{"3, parameters in another order", req(base, query, form, "To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", nil},
		{"3, type with a charset", req(base, query, "application/x-www-form-urlencoded; charset=UTF-8", call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", nil},
		{"3, another query", req(base, "bar=2&foo=1", form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", verify.ErrMismatch},
		{"3, another host", req("https://elsewhere.example/myapp.php", query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", verify.ErrMismatch},
		{"3, http", req("http://mycompany.com/myapp.php", query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", verify.ErrMismatch},
		{"3, a value more", req(base, query, form, call+"&Digits=9"), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", verify.ErrMismatch},
		{"3, without the address", req("", query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", verify.ErrNoSecret},
		{"4", req("http://mycompany.com:1234/myapp.php", query, form, call), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", nil},
		{"4, no port", req("http://mycompany.com/myapp.php", query, form, call), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", verify.ErrMismatch},
		{"5 https", req("https://mycompany.com:443/myapp.php", query, form, call), "kvajT1Ptam85bY51eRf/AJRuM3w=", nil},
		{"5 https, configured without the port", req(base, query, form, call), "kvajT1Ptam85bY51eRf/AJRuM3w=", nil},
		{"3, configured with the port", req("https://mycompany.com:443/myapp.php", query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=", nil},
		{"5 http", req("http://mycompany.com:80/myapp.php", query, form, call), "0ZXoZLH/DfblKGATFgpif+LLRf4=", nil},
		{"5 http, configured without the port", req("http://mycompany.com/myapp.php", query, form, call), "0ZXoZLH/DfblKGATFgpif+LLRf4=", nil},
		{"6 repeated names", req(base, query, form, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234"), "IK+Dwps556ElfBT0I3Rgjkr1wJU=", nil},
		{"7 prefix names", req(base, query, form, call+"&ReasonConferenceEnded=test&Reason=Participant"), "vOEb5UThFn24KEfnOFLQY2AE5FY=", nil},
		{"7 prefix names, wrongly ordered", req(base, query, form, call+"&ReasonConferenceEnded=test&Reason=Participant"), "95+Bu0JVPi0r/SsESZCVf0dWAjw=", verify.ErrMismatch},
		{"8 form", req(base, query, form, "property=value&boolean=true"), "NBdBDr/T/lgjI+tlgpXjKZQZs/k=", nil},
		{"9 json", req(base, query+"&"+hash, "application/json", json), "a9nBmqA0ju/hNViExpshrM61xv4=", nil},
		{"9 json, alone in the query", req(base, hash, "application/json", json), "y77kIzt2vzLz71DgmJGsen2scGs=", nil},
		{"9 json, another body", req(base, query+"&"+hash, "application/json", json+" "), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMismatch},
		{"9 json, no body", req(base, query+"&"+hash, "application/json", ""), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMismatch},
		{"9 json, hash cut", req(base, query+"&"+hash[:40], "application/json", json), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMalformed},
		{"9 json, hash twice", req(base, query+"&"+hash+"&"+hash, "application/json", json), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMalformed},
		{"json that nothing covers", req(base, query, "application/json", json), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMalformed},
		{"a form that is none", req(base, query, form, "a=%zz"), "a9nBmqA0ju/hNViExpshrM61xv4=", verify.ErrMalformed},
		{"not base64", req(base, query, form, call), "!!!!Dt4T1cUTdK1PDd93/VVr8B8=", verify.ErrMalformed},
		{"spare bits", req(base, query, form, call), "RSOYDt4T1cUTdK1PDd93/VVr8B9=", verify.ErrMalformed},
		{"a line end inside", req(base, query, form, call), "RSOYDt4T1cUTdK1PD\n93/VVr8B8=", verify.ErrMalformed},
	} {
		if err := verify.Twilio(v.signature, v.r, []string{"another", "12345"}); !errors.Is(err, v.want) {
			t.Errorf("%s: %v, want %v", v.name, err, v.want)
		}
	}
}

// Only the default port of the address's own scheme may come and go.
func TestTwilioPorts(t *testing.T) {
	sign := func(url string) string {
		s, err := verify.SignTwilio(verify.TwilioRequest{URL: url}, "12345")
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, v := range []struct {
		signed, configured string
		pass               bool
	}{
		{"https://user:pw@h.example/p", "https://user:pw@h.example:443/p", true},
		{"https://user:pw@h.example:443/p", "https://user:pw@h.example/p", true},
		{"https://[2001:db8::1]:443/p", "https://[2001:db8::1]/p", true},
		{"https://h.example:443", "https://h.example", true},
		{"https://h.example:80/p", "https://h.example/p", false},
		{"https://h.example:8443/p", "https://h.example/p", false},
		{"https://h.example/p", "https://h.example:8443/p", false},
		{"https://h.example:443/p", "https://h.example:1443/p", false},
		{"wss://h.example:443/p", "wss://h.example/p", false},
	} {
		err := verify.Twilio(sign(v.signed), verify.TwilioRequest{URL: v.configured}, []string{"12345"})
		if (err == nil) != v.pass {
			t.Errorf("signed %s, configured %s: %v", v.signed, v.configured, err)
		}
	}
	if _, err := verify.SignTwilio(verify.TwilioRequest{URL: "https://h.example"}, ""); !errors.Is(err, verify.ErrNoSecret) {
		t.Errorf("signed with an empty secret: %v", err)
	}
}

func TestToken(t *testing.T) {
	for name, c := range map[string]struct {
		header  string
		secrets []string
		want    error
	}{
		"current":          {"made-up_1", []string{"made-up_1"}, nil},
		"while rotating":   {"made-up_1", []string{"made-up_2", "made-up_1"}, nil},
		"other case":       {"MADE-UP_1", []string{"made-up_1"}, verify.ErrMismatch},
		"a part":           {"made-up", []string{"made-up_1"}, verify.ErrMismatch},
		"more":             {"made-up_12", []string{"made-up_1"}, verify.ErrMismatch},
		"none":             {"", []string{"made-up_1"}, verify.ErrMissing},
		"twice":            {"made-up_1, made-up_1", []string{"made-up_1"}, verify.ErrMalformed},
		"no secret":        {"made-up_1", nil, verify.ErrNoSecret},
		"empty and good":   {"made-up_1", []string{"", "made-up_1"}, verify.ErrNoSecret},
		"nothing, nothing": {"", []string{""}, verify.ErrNoSecret},
	} {
		if err := verify.Token("token", c.header, c.secrets); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
