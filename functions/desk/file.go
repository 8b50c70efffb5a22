package desk

import (
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"ines/shared/archive"
	"ines/shared/casework"
	"ines/shared/message"
	"ines/shared/policy"
)

// maxInline is the largest file that is sent through the function itself: a
// response of Lambda's has at most 6 MB, and base64 takes a third of it.
const maxInline = 4 << 20

// showFile serves a customer's file, to be saved and never to be shown as a page
// of ours: strangers made it.
func (d *Desk) showFile(w http.ResponseWriter, r *http.Request, _ policy.Colleague) error {
	nothing := &problem{Status: http.StatusNotFound, Code: codeNotFound, Detail: "The case has no such file, or no copy of it."}
	_, log, err := d.read(r)
	if err != nil {
		return err
	}
	a, ok := attached(casework.Timeline(log), r.PathValue("sha256"))
	if !ok || d.archive == nil {
		return nothing
	}
	if a.Size > maxInline {
		return &problem{Status: http.StatusRequestEntityTooLarge, Code: codeTooLarge, Detail: "The file has " + strconv.FormatInt(a.Size, 10) +
			" bytes, more than the desk can pass on. It is in the archive under " + a.Archived + "."}
	}
	body, err := d.archive.Get(r.Context(), a.Archived)
	if errors.Is(err, archive.ErrNotFound) {
		return nothing
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", a.MIME)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(a)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(http.StatusOK)
	_, err = w.Write(body)
	return err
}

func attached(entries []casework.Entry, sha256 string) (message.Attachment, bool) {
	for _, e := range entries {
		if m, ok := e.Event.(casework.MessageReceived); ok && sha256 != "" {
			for _, a := range m.Message.Attachments {
				if a.SHA256 == sha256 && a.Archived != "" {
					return a, true
				}
			}
		}
	}
	return message.Attachment{}, false
}

// fileName is a name without any folder in it.
func fileName(a message.Attachment) string {
	name := a.Name
	if i := strings.LastIndexAny(name, "/\\"); i >= 0 {
		name = name[i+1:]
	}
	if name = strings.Trim(name, ". "); name != "" {
		return name
	}
	name = a.Type + "-" + a.SHA256[:min(8, len(a.SHA256))]
	if ext, err := mime.ExtensionsByType(a.MIME); err == nil && len(ext) > 0 {
		name += ext[0]
	}
	return name
}
