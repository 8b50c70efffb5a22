package casework

import (
	"slices"

	"ines/shared/message"
)

// noteFile records what became of an attachment.
func (d *draft) noteFile(n NoteFile) error {
	t, ok := d.c.ThreadOf(n.Channel, n.Inbox, n.Conversation)
	if !ok {
		return nil // another case took the conversation over, and is told by itself
	}
	if n.Lost != "" {
		d.emit(AttachmentLost{Thread: t.ID, Message: n.Message, Index: n.Index, Why: n.Lost})
		return nil
	}
	d.emit(AttachmentKept{Thread: t.ID, Message: n.Message, Index: n.Index, Key: n.Key, MIME: n.MIME, Size: n.Size, SHA256: n.SHA256})
	return nil
}

// file writes what became of an attachment into the message on a timeline.
func (e *Entry) file(i int, note func(*message.Attachment)) {
	m := e.Event.(MessageReceived)
	if i < 0 || i >= len(m.Message.Attachments) {
		return
	}
	m.Message.Attachments = slices.Clone(m.Message.Attachments)
	note(&m.Message.Attachments[i])
	e.Event = m
}
