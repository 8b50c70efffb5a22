package relay

import (
	"ines/shared/casework"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/queue"
)

// names asks how the customers are called whom a commit brings in by an id alone,
// where the platform can be asked.
func (f *Relay) names(c *casework.Case, cm casework.Commit) (ms []queue.Message, err error) {
	for _, s := range c.Strangers(cm) {
		ch, _ := f.Find(s.Thread.Channel)
		if _, ok := ch.(channel.Namer); !ok {
			continue
		}
		m, err := docket.NameJob{Case: cm.Case, Customer: s.Person.ID, Handle: s.Person.Handle, Inbox: s.Thread.Inbox, Thread: s.Thread.Key, At: cm.At}.Message()
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}
