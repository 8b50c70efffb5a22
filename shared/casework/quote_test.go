package casework

import (
	"testing"
	"time"

	"ines/shared/message"
)

func TestAListSaysWhatCameWithoutWords(t *testing.T) {
	f := newFile(t)
	picture := dm("5", "leo", "", f.now)
	picture.Message.Attachments = []message.Attachment{{Type: "image", Ref: "i1"}, {Type: "file", Ref: "f1"}}
	f.do("", picture)
	if v := f.c.View(); v.LastText != "" || v.LastFile != "image" {
		t.Fatalf("after a picture the list has %q and %q", v.LastText, v.LastFile)
	}
	with := dm("6", "leo", "my bag", f.now.Add(time.Second))
	with.Message.Attachments = picture.Message.Attachments
	f.do("", with)
	if v := f.c.View(); v.LastText != "my bag" || v.LastFile != "" {
		t.Fatalf("after words with a picture the list has %q and %q", v.LastText, v.LastFile)
	}
	f.do("", Delete{Item: "d", Delete: message.Delete{Channel: "x", Inbox: "northline-x", ID: "6", At: f.now}})
	if v := f.c.View(); v.LastText != "" || v.LastFile != "" {
		t.Fatalf("after a deletion the list has %q and %q", v.LastText, v.LastFile)
	}
}
