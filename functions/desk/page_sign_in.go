package desk

import (
	"strings"

	. "ines/functions/desk/markup"

	"ines/shared/policy"
)

func (p signInPage) html() Node {
	return p.narrow(
		H1(Text("Who are you?")),
		P(Class("muted"), Text("This desk runs on one machine and believes what it is told. In the cloud you sign in with your company’s account.")),
		post(here("sign-in"), Class("people"), hidden("next", p.Next), Map(p.Colleagues, func(c policy.Colleague) Node {
			return Button(Name("colleague"), Value(c.ID), Strong(Text(c.Name)), Text(" "), muted(strings.Join(c.Roles, ", ")))
		})))
}

func (p signedOutPage) html() Node {
	return p.narrow(
		H1(Text("You are signed out")),
		P(A(href(here("sign-in")), Text("Sign in again"))),
		If(p.Issuer != "", P(Class("muted"), Text("Your company’s account may still be signed in on this machine. "),
			A(href(p.Issuer), Text("Sign out of it, too")))))
}
