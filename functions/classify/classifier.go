package classify

import (
	"ines/shared/classify"
	"ines/shared/policy"
)

// Classifier makes the one that a desk's policy asks for.
func Classifier(desk *policy.Desk) classify.Classifier {
	topics := make([]classify.Topic, len(desk.Topics))
	for i, t := range desk.Topics {
		topics[i] = classify.Topic{ID: t.ID, Words: t.Words}
	}
	return classify.NewRules(topics)
}
