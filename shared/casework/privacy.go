package casework

import (
	"slices"
	"strings"

	"ines/shared/mask"
	"ines/shared/message"
	"ines/shared/policy"
)

// Invitation is a way to a private thread that the customer was shown.
type Invitation struct {
	Channel string `json:"channel"`
	Inbox   string `json:"inbox"`
	Public  bool   `json:"public,omitempty"`
}

// Exposed is personal data that stands in public, and the warning that nobody has
// given yet.
type Exposed struct {
	Thread  string   `json:"thread"`
	Message string   `json:"message"`
	Kinds   []string `json:"kinds"`
	Warning string   `json:"warning,omitempty"` // proposed, as it would go out without a signature
}

// maxExposed bounds what a case remembers of each.
const maxExposed = 20

func (c *Case) applyPrivacy(e Event) {
	switch e := e.(type) {
	case InvitedPrivately:
		if v := (Invitation{e.Channel, e.Inbox, e.Public}); !slices.Contains(c.Invitations, v) && len(c.Invitations) < maxExposed {
			c.Invitations = append(c.Invitations, v)
		}
	case PersonalDataPublic:
		if len(c.Exposed) >= maxExposed {
			c.Exposed = slices.Delete(c.Exposed, 0, 1)
		}
		c.Exposed = append(c.Exposed, Exposed{Thread: e.Thread, Message: e.Message, Kinds: e.Kinds, Warning: e.Proposed})
	}
}

// unexposed drops what the author took away again, and its warning.
func (c *Case) unexposed(message string) {
	c.Exposed = slices.DeleteFunc(c.Exposed, func(x Exposed) bool { return x.Message == message })
}

// warned drops the proposals for a thread that somebody has written to since.
func (c *Case) warned(thread string) {
	for i := range c.Exposed {
		if c.Exposed[i].Thread == thread {
			c.Exposed[i].Warning = ""
		}
	}
}

// personalKinds are how events name what mask finds.
var personalKinds = []struct{ kind, mark string }{
	{"card", mask.Card}, {"iban", mask.IBAN}, {"phone", mask.Phone}, {"email", mask.Email}, {"booking", mask.Booking},
}

// PersonalData names the kinds of personal data in a text: card, iban, phone, email,
// booking. own are our addresses, which give nobody away.
func PersonalData(text string, own ...string) (kinds []string) {
	found := mask.Find(text, own...)
	for _, k := range personalKinds {
		if slices.ContainsFunc(found, func(f mask.Found) bool { return f.What == k.mark }) {
			kinds = append(kinds, k.kind)
		}
	}
	return kinds
}

// expose looks at what somebody says in public. The first time that it holds his
// personal data a warning is proposed, or given where the policy says so.
func (d *draft) expose(r Receive, thread string, role Role) {
	m := r.Message
	if m.Visibility != message.Public || m.Automatic {
		return
	}
	var own []string
	for _, in := range d.env.Policy.Inboxes {
		own = append(own, in.Account)
	}
	kinds := PersonalData(m.Text, own...)
	if len(kinds) == 0 {
		return
	}
	e := PersonalDataPublic{Thread: thread, Message: m.ID, Role: role, Kinds: kinds}
	if role == RoleCustomer && len(d.c.Exposed) == 0 && !r.Again {
		brand, _ := d.env.Policy.Brand(d.c.Brand)
		t, _ := d.c.Thread(thread)
		language := d.spoken(or(r.About.Language, d.c.About.Language))
		in, _ := d.env.Policy.Inbox(m.Inbox)
		link, _ := d.link(in)
		text := d.filled(brand.WarningText(language), link)
		if brand.Privacy.Warn && d.env.Now.Sub(m.SentAt) <= freshFor && d.env.AutomaticToday < brand.Automatic.PerDay {
			sign := strings.ReplaceAll(brand.AutomaticSign(language), "{brand}", brand.Name)
			if reply, err := d.request(t, outgoing{text: text + "\n\n" + sign, automatic: true}); err == nil {
				e.Reply = reply
			}
		}
		if e.Reply == "" {
			e.Proposed = text
		}
	}
	d.emit(e)
}

// mayBeWarned reports whether the policy warns the author of a message by itself.
func (r *Receive) mayBeWarned(desk *policy.Desk) bool {
	brand, ok := desk.Brand(r.Brand)
	return ok && brand.Privacy.Warn && !r.Again && !r.Message.Automatic && r.Message.Visibility == message.Public && len(PersonalData(r.Message.Text)) > 0
}

// spoken is the language to write to the customer in: his own, else the community's
// first.
func (d *draft) spoken(language string) string {
	if language != "" {
		return language
	}
	if com, ok := d.env.Policy.Community(d.c.Community); ok && len(com.Languages) > 0 {
		return com.Languages[0]
	}
	return "en"
}

// filled fills a text to the customer in. What has no value goes, with the blank
// before it.
func (d *draft) filled(text, link string) string {
	brand, _ := d.env.Policy.Brand(d.c.Brand)
	for field, value := range map[string]string{"{first_name}": firstName(d.c.Customer.Name), "{name}": callable(d.c.Customer.Name), "{link}": link} {
		if value == "" {
			text = strings.ReplaceAll(text, " "+field, "")
		}
		text = strings.ReplaceAll(text, field, value)
	}
	return strings.TrimSpace(strings.ReplaceAll(text, "{brand}", brand.Name))
}

// link is the way to a private thread in an inbox: what the policy says, or what is
// known of the platform; "" if nothing is. A token in it makes the answer join this
// case; tokened says that it has one.
func (d *draft) link(in policy.Inbox) (way string, tokened bool) {
	token := d.env.Token
	if in.Channel == "telegram" {
		token = strings.ReplaceAll(token, ".", "_") // a start parameter takes no dots
	}
	switch {
	case in.Link != "":
		if token == "" && strings.Contains(in.Link, "{token}") {
			return "", false
		}
		return strings.ReplaceAll(in.Link, "{token}", token), strings.Contains(in.Link, "{token}")
	case in.Channel == "email":
		local, domain, ok := strings.Cut(in.Account, "@")
		if !ok || token == "" {
			return in.Account, false
		}
		return local + "+" + token + "@" + domain, true
	case in.Channel == "x":
		// The customer is known there: his direct message joins by itself.
		return "https://x.com/messages/compose?recipient_id=" + in.Account, false
	case in.Channel == "messenger" || in.Channel == "facebook":
		if token == "" {
			return "https://m.me/" + in.Account, false
		}
		return "https://m.me/" + in.Account + "?ref=" + token, true
	case in.Channel == "instagram" && in.Name != "" && !strings.ContainsAny(in.Name, " /?#"):
		if token == "" {
			return "https://ig.me/m/" + in.Name, false
		}
		return "https://ig.me/m/" + in.Name + "?ref=" + token, true
	case in.Channel == "sms" || in.Channel == "voice":
		return in.Account, false
	}
	return "", false
}

// invite shows the customer the way to a private thread that only he can begin.
func (d *draft) invite(in policy.Inbox, unreachable error) error {
	t, ok := d.c.Thread(d.c.LastThread)
	way, _ := d.link(in)
	if !ok || way == "" {
		return refuse(CodeUnreachable, "%s There is no link to invite the customer with either: give the inbox %s one in the desk policy.", sentence(unreachable.Error()), in.ID)
	}
	if err := d.mine("invited the customer to a private thread"); err != nil {
		return err
	}
	brand, _ := d.env.Policy.Brand(d.c.Brand)
	text := d.filled(brand.InvitationText(d.spoken(d.c.About.Language)), way)
	if _, err := d.request(t, outgoing{text: text}); err != nil {
		return err
	}
	d.emit(InvitedPrivately{Thread: t.ID, Channel: in.Channel, Inbox: in.ID, Public: t.Visibility == message.Public})
	return nil
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// proven reports whether a link token that came with a message shows that its author
// is the customer: he alone was given the way to that inbox, in private.
func (c *Case) proven(m message.Message) bool {
	private := false
	for _, v := range c.Invitations {
		if v.Channel == m.Channel && v.Inbox == m.Inbox {
			if v.Public {
				return false
			}
			private = true
		}
	}
	return private
}
