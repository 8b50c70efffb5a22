package desk

import (
	"net/url"
	"path"
	"strconv"
	"strings"

	. "ines/functions/desk/markup"
)

// address is where a link, a form or a picture leads: a route of this desk, or an
// https page elsewhere. Only this file makes one, and only it writes one into a page,
// so that no word of a customer's becomes an address that runs.
type address string

// here is one of the desk's own routes, each part of its path escaped.
func here(parts ...string) address {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	if b.Len() == 0 {
		return "/"
	}
	return address(b.String())
}

// with adds a query, which may be empty.
func (a address) with(q url.Values) address {
	if len(q) == 0 {
		return a
	}
	return a + "?" + address(q.Encode())
}

// anchor leads to a part of the page that one is on.
func anchor(id string) address { return "#" + address(url.PathEscape(id)) }

// elsewhere is a page of another site, "" if https does not guard the way there.
func elsewhere(raw string) address {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	return address(u.String())
}

// ofPage is the id of what a page shows, from its address as somebody copies it, that of
// a form which was refused there included, or from the id itself.
func ofPage(copied string) string {
	copied, _, _ = strings.Cut(strings.TrimSpace(copied), "?")
	copied, _, _ = strings.Cut(copied, "#")
	for _, page := range []string{"/cases/", "/customers/"} {
		if _, id, ok := strings.Cut(copied, page); ok {
			copied, _, _ = strings.Cut(id, "/")
		}
	}
	return path.Base(copied)
}

func href(to address) Node { return Href(string(to)) }
func src(of address) Node  { return Src(string(of)) }

// post is a form that does something.
func post(to address, inside ...Node) Node {
	return FormEl(Method("post"), Action(string(to)), Group(inside...))
}

// search is a form that asks for a page.
func search(to address, inside ...Node) Node {
	return FormEl(Class("search"), Role("search"), Action(string(to)), Method("get"), Group(inside...))
}

func hidden(name, value string) Node { return Input(Type("hidden"), Name(name), Value(value)) }

// class joins the classes that are not "".
func class(names ...string) Node {
	return Class(strings.Join(strings.Fields(strings.Join(names, " ")), " "))
}

func muted(words string) Node { return Span(Class("muted"), Text(words)) }

// chips stand in a row, with room between them.
func chips(all ...Node) Node {
	var out Node
	for _, c := range all {
		out = Group(out, If(c != nil, Text(" ")), c)
	}
	return out
}

func chip(words string, kind ...string) Node {
	return Span(class("chip", strings.Join(kind, " ")), Text(words))
}

// either is one of two things.
func either[T any](condition bool, yes, no T) T {
	if condition {
		return yes
	}
	return no
}

// clock shows a moment, and the whole of it to whoever points at it.
func clock(m moment, words string) Node {
	return Time(DateTime(m.ISO), TitleAttr(m.Full), Text(words))
}

func (m moment) html() Node { return clock(m, m.Words) }

// unfold hides what is not needed all the time.
func unfold(open bool, summary string, inside ...Node) Node {
	return Details(If(open, Flag("open")), Summary(Text(summary)), Group(inside...))
}

// labelled names a field; hint is said more quietly, or "".
func labelled(id, words, hint string) Node {
	return LabelEl(For(id), Text(words), If(hint != "", Group(Text(" "), muted(hint))))
}

// option is a choice of a list; its words stand for its value where they are the same.
func option(value, words string, chosen bool) Node {
	return Option(Value(value), If(chosen, Selected()), Text(words))
}

// counted is a number with what it counts.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// speech is somebody's words, in their language and from their side.
func speech(text, lang string, more ...string) Node {
	return P(class(more...), If(lang != "", Lang(lang)), Dir("auto"), Text(text))
}

// card is a part of what stands beside a page's main matter.
func card(id, heading string, inside ...Node) Node {
	return Section(Class("card"), Aria("labelledby", id), H2(ID(id), Text(heading)), Group(inside...))
}
