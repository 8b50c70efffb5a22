package docket

import (
	"ines/shared/feed"
	"ines/shared/message"
	"ines/shared/queue"
)

// FeedJob asks for an entry to be brought to a department's target.
type FeedJob struct {
	Department string     `json:"department"`
	Entry      feed.Entry `json:"entry"`
}

// Message puts the job into a queue message of replies.fifo: one group for each
// department, so that it is told in order and one that does not listen keeps no
// other waiting.
func (j FeedJob) Message() (queue.Message, error) {
	return job(struct {
		Feed FeedJob `json:"feed"`
	}{j}, message.DeriveID("feed", j.Department), message.DeriveID("feed", j.Department, j.Entry.ID))
}
