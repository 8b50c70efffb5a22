package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"ines/functions/desk"
	"ines/shared/archive/dir"
	"ines/shared/casework"
	"ines/shared/message"
)

func TestACustomersFileIsSavedAndNeverShownAsAPage(t *testing.T) {
	arch, err := dir.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	key, err := arch.Put(t.Context(), []byte("%PDF-1.7 ticket"))
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *desk.Config) { c.Archive = arch })
	sha, large := strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	id := b.file(message.Message{Text: "See the ticket.", Attachments: []message.Attachment{
		{Type: "file", Name: "../../my \"ticket\".pdf", MIME: "application/pdf", Archived: key, SHA256: sha, Size: 15},
		{Type: "video", MIME: "video/mp4", Archived: "blobs/2", SHA256: large, Size: 9 << 20},
		{Type: "image", URL: "https://cdn.example/a.png", Lost: "gone"},
	}}, casework.About{Language: "en"})
	for _, path := range []string{"/api/cases/", "/cases/"} {
		a := b.must(b.get(path+id+"/files/"+sha), http.StatusOK)
		h := a.Headers
		if a.Body != "%PDF-1.7 ticket" || h["content-type"] != "application/pdf" || !strings.Contains(h["content-security-policy"], "sandbox") ||
			!strings.HasPrefix(h["content-disposition"], "attachment;") || strings.Contains(h["content-disposition"], "..") {
			t.Errorf("%s: %q with %v", path, a.Body, h)
		}
	}
	b.problem(b.get("/api/cases/"+id+"/files/"+large), http.StatusRequestEntityTooLarge, "too-large")
	b.problem(b.get("/api/cases/"+id+"/files/"+strings.Repeat("ef", 32)), http.StatusNotFound, "not-found")
	page := b.send("GET", "/cases/"+id, "", "Authorization: Bearer ines", "Accept: text/html").Body
	if !strings.Contains(page, `href="/cases/`+id+`/files/`+sha+`"`) || !strings.Contains(page, "no copy: gone") {
		t.Errorf("console: %s", page)
	}
}
