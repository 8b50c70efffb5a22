package docket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/queue"
	"ines/shared/table"
)

// FetchJob asks for a copy of a file that came with a message.
type FetchJob struct {
	Case    string             `json:"case"`
	Channel string             `json:"channel"`
	Inbox   string             `json:"inbox"`
	Thread  string             `json:"thread"` // the platform's conversation
	Of      string             `json:"message"`
	Index   int                `json:"index"` // among the message's attachments
	File    message.Attachment `json:"file"`
}

// Message puts the job into a queue message of replies.fifo. Each file is a group
// of its own: a slow one keeps nobody's answer waiting.
func (j FetchJob) Message() (queue.Message, error) {
	id := message.DeriveID("file", j.Case, j.Channel, j.Inbox, j.Of, strconv.Itoa(j.Index))
	return job(struct {
		Fetch FetchJob `json:"fetch"`
	}{j}, id, id)
}

// Wanted reports whether a copy of an attachment is to be fetched: there is none
// yet, it is a file (and no place, person or link to something of others'), and
// somewhere to be had.
func Wanted(a message.Attachment) bool {
	switch a.Type {
	case "location", "contact", "link", "unsupported":
		return false
	}
	return a.Archived == "" && a.Lost == "" && (a.URL != "" || a.Ref != "")
}

// Copy is our copy of a file.
type Copy struct {
	Key    string    `json:"key"` // in the archive
	MIME   string    `json:"mime"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
}

// FileCopy finds the copy of a file that was fetched before.
func (d *Docket) FileCopy(ctx context.Context, j FetchJob) (c Copy, ok bool, err error) {
	k := fileKey(j.Channel, j.Inbox, j.Of, j.Index)
	have, err := d.table.Get(ctx, k)
	if err != nil {
		return c, false, fmt.Errorf("file %d of %s: %w", j.Index, j.Of, err)
	}
	item, ok := have[k]
	if !ok {
		return c, false, nil
	}
	if err := json.Unmarshal(item.Value, &c); err != nil {
		return c, false, fmt.Errorf("copy %s: %w", k, err)
	}
	return c, true, nil
}

// KeepFile records where the copy of a file is.
func (d *Docket) KeepFile(ctx context.Context, j FetchJob, c Copy) error {
	value, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("file %d of %s: %w", j.Index, j.Of, err)
	}
	w := table.Write{Item: table.Item{Key: fileKey(j.Channel, j.Inbox, j.Of, j.Index), Value: value, Seq: 1}, When: table.Absent}
	if err := d.table.Write(ctx, w); err != nil && !table.Conflicted(err) {
		return fmt.Errorf("file %d of %s: %w", j.Index, j.Of, err)
	}
	return nil
}

// TellFile tells a case what became of a file, once.
func (d *Docket) TellFile(ctx context.Context, id string, n casework.NoteFile, now time.Time) error {
	told := table.Write{Item: table.Item{Key: caseFileKey(n.Channel, n.Inbox, n.Message, n.Index, id), Value: []byte(`{}`), Seq: 1,
		Expires: now.Add(receiptLife)}, When: table.Absent}
	_, _, err := d.Do(ctx, Order{Case: id, Command: n, Cause: casework.Cause{Kind: "reply", ID: n.Message}, Now: now,
		With: func(*casework.Case, []casework.Event) ([]table.Write, error) { return []table.Write{told}, nil }})
	if table.Conflicted(err, told.Item.Key) {
		return nil
	}
	if errors.Is(err, ErrNoCase) {
		return nil // erased meanwhile
	}
	return err
}
