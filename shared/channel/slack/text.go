package slack

import (
	"strings"

	"ines/shared/channel"
	"ines/shared/message"
)

var (
	unescaper = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
	escaper   = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
)

// escape makes text that Slack shows as it is.
func escape(s string) string { return escaper.Replace(s) }

// readable is what Slack's clients show of a text: mentions by name where the
// text tells it, links by their words and address, escapes undone.
func readable(s string, in channel.Inbox) string {
	var out strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		end := -1
		if open >= 0 {
			end = strings.IndexByte(s[open:], '>')
		}
		if end < 0 {
			out.WriteString(unescaper.Replace(s))
			return out.String()
		}
		out.WriteString(unescaper.Replace(s[:open]))
		out.WriteString(reference(s[open+1:open+end], in))
		s = s[open+end+1:]
	}
}

// reference is what stands between < and >.
func reference(s string, in channel.Inbox) string {
	what, label, _ := strings.Cut(s, "|")
	what, label = unescaper.Replace(what), unescaper.Replace(label)
	switch {
	case what == "" && label == "":
		return "<>"
	case strings.HasPrefix(what, "@"), strings.HasPrefix(what, "#"):
		if label != "" {
			return what[:1] + strings.TrimLeft(label, "@#")
		}
		if in.Name != "" && what == "@"+in.Account {
			return "@" + in.Name
		}
		return what
	case strings.HasPrefix(what, "!"): // <!here>, <!subteam^S1|@desk>, <!date^…|fallback>
		if label != "" {
			return label
		}
		word, _, _ := strings.Cut(what[1:], "^")
		return "@" + word
	case label == "" || sameAddress(what, label):
		if address, ok := strings.CutPrefix(what, "mailto:"); ok {
			return address
		}
		if label != "" {
			return label
		}
		return what
	}
	return label + " (" + what + ")"
}

// sameAddress: Slack makes a link of a bare name or address, and repeats it.
func sameAddress(address, label string) bool {
	bare := func(s string) string {
		for _, scheme := range []string{"https://", "http://", "mailto:", "tel:"} {
			s = strings.TrimPrefix(s, scheme)
		}
		return strings.TrimSuffix(s, "/")
	}
	return bare(address) == bare(label)
}

func attachments(files []file) []message.Attachment {
	var out []message.Attachment
	for _, f := range files {
		if f.Mode == "tombstone" || f.Mode == "hidden_by_limit" {
			continue // deleted, or out of the plan's reach
		}
		a := message.Attachment{Type: kindOf(string(f.MIME)), MIME: string(f.MIME), Name: string(f.Name), Size: max(f.Size.Int(), 0), Alt: string(f.Alt)}
		if a.Name == "" {
			a.Name = string(f.Title)
		}
		switch {
		case f.Download != "":
			a.URL = string(f.Download)
		case f.Private != "":
			a.URL = string(f.Private)
		case f.ID != "":
			a.Ref = string(f.ID) // of a shared channel: files.info knows more
		default:
			continue
		}
		out = append(out, a)
	}
	return out
}

func kindOf(mime string) string {
	switch kind, _, _ := strings.Cut(mime, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}
