package desk

import (
	"io"
	"net/http"

	. "ines/functions/desk/markup"

	"ines/shared/policy"
)

// page is what every page of the console has.
type page struct {
	Title string
	Who   policy.Colleague
	Done  string // what was just done, in words
}

func (d *Desk) page(title string, who policy.Colleague) page {
	return page{Title: title, Who: who}
}

// render sends a page.
func (d *Desk) render(w http.ResponseWriter, status int, shown Node) {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, shown.String()) // into a recorder
}

// wide is a page of the desk, narrow one of few words.
func (p page) wide(inside ...Node) Node   { return p.frame("wide", inside) }
func (p page) narrow(inside ...Node) Node { return p.frame("narrow", inside) }

func (p page) frame(width string, inside []Node) Node {
	icon := here("assets", "ines.svg")
	return Document(HTML(Lang("en"),
		Head(
			Meta(Charset("utf-8")),
			Meta(Name("viewport"), Content("width=device-width, initial-scale=1")),
			Meta(Name("color-scheme"), Content("light dark")),
			TitleEl(Text(p.Title+" · Ines")),
			Link(Rel("icon"), href(icon), Type("image/svg+xml")),
			Link(Rel("stylesheet"), href(here("assets", "console.css"))),
			Script(src(here("assets", "console.js")), Defer()),
		),
		Body(
			A(Class("skip"), href(anchor("main")), Text("Skip to the content")),
			Header(Class("bar"),
				A(Class("brand"), href(here()), Img(src(icon), Alt(""), Width("26"), Height("26")), Span(Text("Ines"))),
				If(p.Who.ID != "", Nav(Class("ways"), Aria("label", "Desk"),
					A(href(here()), Text("Cases")), A(href(here("voice")), Text("Voices")), A(href(here("figures")), Text("Figures")))),
				If(p.Who.ID != "", Div(Class("me"),
					Span(Text(p.Who.Name)),
					post(here("sign-out"), Button(Class("plain"), Text("Sign out"))))),
			),
			Main(ID("main"), Class(width), Group(inside...)),
			P(ID("news"), Class("unseen"), Role("status")),
		)))
}

// done says what was just done.
func (p page) done() Node {
	return If(p.Done != "", P(Class("done"), Role("status"), Text(p.Done)))
}

func (d *Desk) failPage(w http.ResponseWriter, r *http.Request, p *problem) {
	who, _ := d.colleague(r)
	for name, v := range p.header {
		w.Header().Set(name, v)
	}
	d.render(w, p.Status, d.page(p.title(), who).narrow(
		H1(Text(p.title())),
		P(Text(p.Detail)),
		P(A(href(here()), Text("Back to the cases")))))
}
