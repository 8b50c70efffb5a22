package desk

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	. "maragu.dev/gomponents"
	. "maragu.dev/gomponents/html"

	"ines/shared/wording"
)

// slip is one form of a case's page: an action's path, promise ids filled in, and
// what had been typed into it when it was refused or only looked at.
type slip struct {
	p    casePage
	form string
}

func (p casePage) slip(form string) slip { return slip{p, form} }

// post is the form: the problem it had, its keys, then its own fields.
func (s slip) post(inside ...Node) Node {
	path := append([]string{"cases", s.p.ID}, strings.Split(s.form, "/")...)
	guarded := slices.ContainsFunc(actions, func(a action) bool { return a.path == s.form && a.guarded })
	return post(here(path...),
		hidden("token", s.p.Token+"/"+s.form),
		If(guarded, hidden("version", strconv.FormatInt(s.p.CaseVersion, 10))),
		s.p.problem(s.p.Refused(s.form)),
		Group(inside))
}

// folded is a form that is out of the way until it is wanted or was refused.
func (s slip) folded(summary string, inside ...Node) Node {
	return unfold(s.p.Typed(s.form), summary, s.post(inside...))
}

// line is a field of one line.
func (s slip) line(id, name, says, hint string, more ...Node) Node {
	return Group{labelled(id, says, hint), Input(ID(id), Name(name), Value(s.p.Old(s.form, name)), Group(more))}
}

// lines is a field of several.
func (s slip) lines(id, name string, rows int, says, hint string, more ...Node) Node {
	return Group{labelled(id, says, hint),
		Textarea(ID(id), Name(name), Rows(strconv.Itoa(rows)), Group(more), Text(s.p.Old(s.form, name)))}
}

// choose is a list to choose from; the first is chosen where nothing was.
func (s slip) choose(id, name, says string, of ...choice) Node {
	return Group{labelled(id, says, ""), Select(ID(id), Name(name), Map(of, func(c choice) Node {
		return option(c.ID, c.Name, s.p.Picked(s.form, name, c.ID))
	}))}
}

// tick is a box to tick.
func (s slip) tick(name, value, says string) Node {
	return LabelEl(Class("tick"), Input(Type("checkbox"), Name(name), Value(value), If(s.p.Picked(s.form, name, value), Checked())), Text(" "+says))
}

// problem is why a form was refused, nothing if it was not.
func (p casePage) problem(f *formProblem) Node {
	if f == nil {
		return nil
	}
	return Div(Class("problem"), Role("alert"), ID("problem"), TabIndex("-1"),
		P(Strong(Text(f.Title+".")), Text(" "+f.Detail)),
		If(len(f.Hints) > 0, Ul(Map(f.Hints, func(h string) Node { return Li(Text(h)) }))),
		If(f.Rule != "", P(p.stopped(f.Rule))))
}

// stopped leads to where a colleague says that a rule kept him from something.
func (p casePage) stopped(rule string) Node {
	to := here("cases", p.ID).with(url.Values{"rule": {rule}}).at("rule-stopped")
	return A(Class("stopped"), href(to), Text("This rule stopped me"), Span(Class("unseen"), Text(": "+rule)))
}

// html is what a reply would be.
func (v *replyPreview) html() Node {
	if v == nil {
		return nil
	}
	length := strconv.Itoa(v.Length)
	if v.Limit > 0 {
		length += fmt.Sprintf(" of %d", v.Limit)
	}
	return Div(Class("preview"), Role("status"),
		speech(v.Text, "", "text"),
		P(Class("muted"), Text(length+" "+v.Unit+". Nothing is sent yet.")),
		If(len(v.Warnings) > 0, Ul(Map(v.Warnings, func(w wording.Warning) Node {
			return Li(Text(w.Text), If(w.Found != "", Text(" “"+w.Found+"”")))
		}))),
		Map(v.Proposals, func(pr proposalJSON) Node {
			return P(Text("This promises something: “" + pr.Text + "” You can make it a promise once it is sent."))
		}))
}

// choicesOf makes choices of what has an id and a name.
func choicesOf[T any](all []T, of func(T) choice) []choice {
	out := make([]choice, len(all))
	for i, each := range all {
		out[i] = of(each)
	}
	return out
}

// plain are choices that are called what they are.
func plain(all []string) []choice {
	return choicesOf(all, func(s string) choice { return choice{s, s} })
}
