package classify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"ines/shared/attachment"
	"ines/shared/channel"
	"ines/shared/docket"
	"ines/shared/message"
)

// enclosed puts the files that a delivery carries itself (mail) into the archive.
// One that can't be read out of it is marked as lost: the delivery is archived as
// it came.
func (f *Classify) enclosed(ctx context.Context, env message.Envelope, m *message.Message) error {
	ch, ok := f.Find(env.Channel)
	if !ok {
		return nil
	}
	encloser, ok := ch.(channel.Encloser)
	if !ok {
		return nil
	}
	in, _ := f.Policy.Inbox(env.Inbox)
	var give func(message.Attachment) ([]byte, error)
	for i := range m.Attachments[:min(len(m.Attachments), message.MaxAttachments)] {
		a := &m.Attachments[i]
		if a.Ref == "" || a.URL != "" || a.Lost != "" {
			continue
		}
		if give == nil {
			give = encloser.Enclosed(docket.InboxAt(in, ""), env)
		}
		body, err := give(*a)
		if err != nil {
			a.Lost = err.Error()
			continue
		}
		if err := f.keep(ctx, a, body); err != nil {
			return fmt.Errorf("attachment %d of %s: %w", i, m.ID, err)
		}
	}
	return nil
}

func (f *Classify) keep(ctx context.Context, a *message.Attachment, body []byte) (err error) {
	if len(body) > attachment.MaxBytes {
		a.Lost = fmt.Sprintf("it has %d bytes, at most %d are kept", len(body), attachment.MaxBytes)
		return nil
	}
	if a.MIME, a.Lost = attachment.Type(a.MIME, body); a.Lost != "" {
		return nil
	}
	if a.Archived, err = f.Archive.Put(ctx, body); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	a.Ref, a.Size, a.SHA256 = "", int64(len(body)), hex.EncodeToString(sum[:])
	return nil
}
