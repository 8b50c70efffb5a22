package classify

import "ines/shared/classify/model"

// TopicAnswer is what the topic model alone says of a text, sure or not.
type TopicAnswer struct {
	Name string
	model.Answer
}

// Topic asks the topic model; false if the desk has none.
func (c *Learned) Topic(in Input) (TopicAnswer, bool) {
	if c.topic == nil {
		return TopicAnswer{}, false
	}
	p := c.pool.Get().(*place)
	defer c.pool.Put(p)
	c.read(p, in)
	a := c.ask(p)
	return TopicAnswer{c.topic.Labels[a.Label], a}, true
}

// Why lists the parts of a text that weighed most for a label of a head: language,
// topic, kind or tone. It is for people: it allocates.
func (c *Learned) Why(in Input, head, label string, n int) []model.Reason {
	m := map[string]*model.Model{"language": c.heads.Language, "topic": c.topic, "kind": c.heads.Kind, "tone": c.heads.Mood}[head]
	if m == nil || m.Label(label) < 0 {
		return nil
	}
	p := c.pool.Get().(*place)
	defer c.pool.Put(p)
	var s model.Scratch
	c.read(p, in)
	m.Score(p.reader.Features(), &s)
	return m.Why(&p.reader, &s, m.Label(label), n)
}
