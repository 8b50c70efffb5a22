package desk

import (
	"net/http"
	"net/url"
	"strings"

	"ines/shared/policy"
)

// cookieName is the console's session on one trusted machine.
const cookieName = "ines_colleague"

// localIdentity believes what it is told. An Authorization header that makes no
// sense counts as nobody, whatever the cookie says.
func localIdentity(r *http.Request) (string, bool) {
	if auth := r.Header.Get("Authorization"); auth != "" {
		scheme, token, _ := strings.Cut(auth, " ")
		token = strings.TrimSpace(token)
		return token, strings.EqualFold(scheme, "Bearer") && token != ""
	}
	if c, err := r.Cookie(cookieName); err == nil && c.Value != "" {
		return c.Value, true
	}
	return "", false
}

// colleague is who is asking. A name that is not in the policy is nobody.
func (d *Desk) colleague(r *http.Request) (policy.Colleague, bool) {
	id, ok := d.who(r)
	if !ok {
		return policy.Colleague{}, false
	}
	return d.policy.Colleague(id)
}

func (d *Desk) signInPage(w http.ResponseWriter, r *http.Request) {
	who, _ := d.colleague(r)
	d.render(w, http.StatusOK, signInPage{page: d.page("Sign in", who), Colleagues: d.policy.Colleagues, Next: localPath(r.URL.Query().Get("next"))}.html())
}

type signInPage struct {
	page
	Colleagues []policy.Colleague
	Next       string
}

func (d *Desk) choose(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		d.fail(w, r, malformed("", "The form can't be read."))
		return
	}
	c, ok := d.policy.Colleague(r.PostForm.Get("colleague"))
	if !ok {
		d.fail(w, r, malformed("colleague", "There is no such colleague in the desk policy."))
		return
	}
	setCookie(w, r, c.ID, 0)
	http.Redirect(w, r, localPath(r.PostForm.Get("next")), http.StatusSeeOther)
}

func (d *Desk) signOut(w http.ResponseWriter, r *http.Request) {
	setCookie(w, r, "", -1)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
}

func setCookie(w http.ResponseWriter, r *http.Request, value string, age int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, Secure: r.Header.Get("X-Forwarded-Proto") == "https"})
}

// localPath lets nobody be sent to another site.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
