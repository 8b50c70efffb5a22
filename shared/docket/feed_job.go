package docket

import (
	"encoding/json"
	"fmt"

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
	body, err := json.Marshal(struct {
		Feed FeedJob `json:"feed"`
	}{j})
	if err != nil {
		return queue.Message{}, fmt.Errorf("job for replies.fifo: %w", err)
	}
	return queue.Message{Body: string(body), Group: message.DeriveID("feed", j.Department), Dedupe: message.DeriveID("feed", j.Department, j.Entry.ID)}, nil
}
