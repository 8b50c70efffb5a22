package desk

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	. "ines/functions/desk/markup"

	"ines/shared/wording"
)

// slip is one form of a page, and what had been typed into it when it was refused or
// only looked at.
type slip struct {
	to      address
	keys    Node       // hidden: what makes a double click one thing, and guards
	typed   url.Values // nil: nothing was typed yet
	problem Node       // why it was refused, or nil
}

// post is the form: the problem it had, its keys, then its own fields.
func (s *slip) post(inside ...Node) Node { return post(s.to, s.keys, s.problem, Group(inside...)) }

// folded is a form that is out of the way until it is wanted or was refused.
func (s *slip) folded(summary string, inside ...Node) Node {
	return unfold(s.typed != nil, summary, s.post(inside...))
}

func (s *slip) picked(name, value string) bool { return slices.Contains(s.typed[name], value) }

// line is a field of one line; what stands in it first is given by with.
func (s *slip) line(id, name, says, hint string, more ...Node) Node {
	return s.with("", id, name, says, hint, more...)
}

func (s *slip) with(first, id, name, says, hint string, more ...Node) Node {
	if s.typed != nil {
		first = s.typed.Get(name)
	}
	return Group(labelled(id, says, hint), Input(ID(id), Name(name), Value(first), Group(more...)))
}

// lines is a field of several.
func (s *slip) lines(id, name string, rows int, says, hint string, more ...Node) Node {
	return Group(labelled(id, says, hint),
		Textarea(ID(id), Name(name), Rows(strconv.Itoa(rows)), Dir("auto"), Group(more...), Text(s.typed.Get(name))))
}

// choose is a list to choose from; the first is chosen where nothing was.
func (s *slip) choose(id, name, says string, of ...choice) Node {
	return Group(labelled(id, says, ""), Select(ID(id), Name(name), Map(of, func(c choice) Node {
		return option(c.ID, c.Name, s.picked(name, c.ID))
	})))
}

// tick is a box to tick.
func (s *slip) tick(name, value, says string) Node {
	return LabelEl(Class("tick"), Input(Type("checkbox"), Name(name), Value(value), If(s.picked(name, value), Checked())), Text(" "+says))
}

// html is why a form was refused; more leads to what can be said about it.
func (f *formProblem) html(more ...Node) Node {
	return Div(Class("problem"), Role("alert"), ID("problem"), TabIndex("-1"),
		P(Strong(Text(f.Title+".")), Text(" "+f.Detail)),
		If(len(f.Hints) > 0, Ul(Map(f.Hints, func(h string) Node { return Li(Text(h)) }))),
		Group(more...))
}

// slip is a form of the case's page: an action's path, promise ids filled in.
func (p *casePage) slip(form string) *slip {
	s := &slip{to: here(append([]string{"cases", p.ID}, strings.Split(form, "/")...)...), keys: hidden("token", p.Token+"/"+form)}
	for _, a := range actions {
		if !a.at(form) {
			continue
		}
		if a.guarded {
			s.keys = Group(s.keys, hidden("version", strconv.FormatInt(p.CaseVersion, 10)))
		}
		if slices.ContainsFunc(a.fields, func(f field) bool { return f.kind == when }) {
			s.keys = Group(s.keys, hidden("zone", p.Zone))
		}
	}
	if f := p.Refused(form); f != nil {
		s.typed, s.problem = f.typed, p.problem(f)
	}
	if v := p.Previews(form); v != nil {
		s.typed = v.typed
	}
	return s
}

// problem is why a form was refused, with the way to object to the rule behind it.
func (p *casePage) problem(f *formProblem) Node {
	if f == nil {
		return nil
	}
	return f.html(If(f.Rule != "", P(p.stopped(f.Rule))))
}

// stopped leads to where a colleague says that a rule kept him from something; what
// he writes into has the focus there, which no browser gives it beside a fragment.
func (p *casePage) stopped(rule string) Node {
	to := here("cases", p.ID).with(url.Values{"rule": {rule}})
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
