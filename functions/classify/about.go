package classify

import (
	"ines/shared/casework"
	"ines/shared/classify"
	"ines/shared/linktoken"
	"ines/shared/message"
	"ines/shared/policy"
)

// About is what a classifier says of a message, for the inbox it came to. The desk
// asks it too, when it foretells what would become of a message.
func About(desk *policy.Desk, c classify.Classifier, m *message.Message) casework.About {
	a, _ := about(desk, c, m)
	return a
}

// about also says whether the classifier abstains on the topic of a message that has
// one: praise, spam and small talk have none.
func about(desk *policy.Desk, c classify.Classifier, m *message.Message) (about casework.About, abstained bool) {
	com, _ := desk.InboxCommunity(m.Inbox)
	var r classify.Result
	c.Classify(classify.Input{Text: m.Text, Subject: m.Subject, Hint: m.Language, Languages: com.Languages}, &r)
	about = casework.About{Language: r.Language.Name, Topic: r.Topic.Name, TopicP: r.Topic.Probability, TopicSure: r.Topic.Sure, TopicForeign: r.Foreign,
		Tone: r.Tone.Name, Kind: r.Kind.Name, Urgency: r.Urgency, Anger: r.Anger}
	switch {
	case r.Topic.Name == "":
	case r.Worded:
		about.TopicBy = casework.TopicByWords
	default:
		about.TopicBy = casework.TopicByExamples
	}
	for _, p := range r.Points {
		about.Points = append(about.Points, p.Name)
	}
	switch r.Kind.Name {
	case classify.KindPraise, classify.KindSpam, classify.KindSmallTalk:
		return about, false
	}
	return about, r.Abstained
}

// headAbout is about a message whose text nobody has: what stands in its place are our
// words. The subject may lead it to the right people, but is nothing for a machine to
// act on.
func headAbout(desk *policy.Desk, c classify.Classifier, m message.Message) casework.About {
	m.Text = ""
	a, _ := about(desk, c, &m)
	a.TopicSure = false
	return a
}

// invited finds the link token in a chat message that a link had prepared (WhatsApp
// and SMS have no other place for it). In a mail it would be somebody's quotation, and
// in public anybody's.
func invited(m *message.Message) {
	if m.Token == "" && m.Visibility == message.Private && m.Channel != "email" {
		m.Token = linktoken.Find(m.Text)
	}
}
