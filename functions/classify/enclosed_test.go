package classify

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"ines/shared/archive"
	"ines/shared/attachment"
	"ines/shared/channel"
	"ines/shared/message"
)

// post is a channel whose deliveries carry files.
type post struct{ channel.Channel }

var contents = map[string]string{"1": "%PDF-1.7 your ticket", "2": "<html>no ticket</html>", "4": strings.Repeat("x", attachment.MaxBytes+1)}

func (post) Read(in channel.Inbox, env message.Envelope) []message.Item {
	file := func(ref string) message.Attachment {
		return message.Attachment{Type: "file", MIME: "application/octet-stream", Ref: ref}
	}
	return []message.Item{{Kind: message.KindMessage, Message: &message.Message{Channel: in.Channel, Inbox: in.ID, ID: env.ID, Thread: "t",
		Author: message.Author{Handle: message.Handle{Channel: in.Channel, ID: "leo"}}, Visibility: message.Private, SentAt: now, Text: "See the ticket.",
		Attachments: []message.Attachment{file("1"), file("2"), file("3"), file("4"), {Type: "image", URL: "https://cdn.example/a.png"}}}}}
}

func (post) Enclosed(channel.Inbox, message.Envelope) func(message.Attachment) ([]byte, error) {
	return func(a message.Attachment) ([]byte, error) {
		if text, ok := contents[a.Ref]; ok {
			return []byte(text), nil
		}
		return nil, errors.New("the part is cut off")
	}
}

func TestEnclosedFilesGoIntoTheArchive(t *testing.T) {
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) { return post{}, true }
	env := message.Envelope{ID: "e1", Channel: "email", Inbox: "northline-mail", ReceivedAt: now}
	if again := b.handle(t, delivered(body(t, env))); len(again) > 0 {
		t.Fatalf("%v comes again", again)
	}
	files := b.work(t)[0].Item.Message.Attachments
	got, err := b.archive.Get(t.Context(), files[0].Archived)
	if err != nil || string(got) != contents["1"] || files[0].MIME != "application/pdf" || files[0].Ref != "" || files[0].Size != int64(len(got)) || len(files[0].SHA256) != 64 {
		t.Errorf("the ticket: %+v, %q, %v", files[0], got, err)
	}
	for i, why := range map[int]string{1: "text/html", 2: "cut off", 3: "bytes"} {
		if files[i].Archived != "" || !strings.Contains(files[i].Lost, why) || files[i].Ref == "" {
			t.Errorf("file %d: %+v", i, files[i])
		}
	}
	if a := files[4]; a.URL == "" || a.Lost != "" {
		t.Errorf("the link: %+v", a)
	}
}

// blobless is an archive that can't store files while it is down.
type blobless struct {
	archive.Archive
	down bool
}

func (a *blobless) Put(ctx context.Context, body []byte) (string, error) {
	if a.down {
		return "", archive.ErrUnavailable
	}
	return a.Archive.Put(ctx, body)
}

func TestADeliveryComesAgainUntilItsFilesAreKept(t *testing.T) {
	b := newBench(t)
	b.Find = func(string) (channel.Channel, bool) { return post{}, true }
	down := &blobless{Archive: b.archive, down: true}
	b.Archive = down
	event := delivered(body(t, message.Envelope{ID: "e1", Channel: "email", Inbox: "northline-mail", ReceivedAt: now}))
	if again := b.handle(t, event); !slices.Equal(again, []string{"m0"}) || len(b.work(t)) != 0 {
		t.Fatalf("%v comes again", again)
	}
	down.down = false
	if again := b.handle(t, event); len(again) != 0 || len(b.work(t)) != 1 {
		t.Fatalf("%v comes again", again)
	}
}
