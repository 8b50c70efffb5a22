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
	com, _ := desk.InboxCommunity(m.Inbox)
	var r classify.Result
	c.Classify(classify.Input{Text: m.Text, Subject: m.Subject, Hint: m.Language, Languages: com.Languages}, &r)
	about := casework.About{Language: r.Language.Name, Topic: r.Topic.Name, TopicP: r.Topic.Probability, TopicSure: r.Topic.Sure, Tone: r.Tone.Name, Kind: r.Kind.Name, Urgency: r.Urgency, Anger: r.Anger}
	for _, p := range r.Points {
		about.Points = append(about.Points, p.Name)
	}
	return about
}

// invited finds the link token in a chat message that a link had prepared (WhatsApp
// and SMS have no other place for it). In a mail it would be somebody's quotation, and
// in public anybody's.
func invited(m *message.Message) {
	if m.Token == "" && m.Visibility == message.Private && m.Channel != "email" {
		m.Token = linktoken.Find(m.Text)
	}
}
