package email

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
)

// form is what a provider posted as a form, raw: some fields are not UTF-8.
type form struct {
	fields map[string][]byte // the first of each name
	files  []file            // in the order they came
}

// file is an uploaded one.
type file struct {
	field, name, mime string
	content           []byte
}

// text is a field in UTF-8.
func (f form) text(name string) string { return strings.ToValidUTF8(string(f.fields[name]), "\ufffd") }

func (f form) has(name string) bool { _, ok := f.fields[name]; return ok }

// isForm reports whether a body of this content type is a form.
func isForm(contentType string) bool {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	return media == "multipart/form-data" || media == "application/x-www-form-urlencoded"
}

var errNoForm = errors.New("not a form")

// readForm reads a form by its content type. A multipart body that breaks off is an
// error: half a mail must not pass for a whole one.
func readForm(contentType string, body []byte) (form, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return form{}, fmt.Errorf("%w: content type %.80q", errNoForm, contentType)
	}
	f := form{fields: map[string][]byte{}}
	switch media {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return form{}, fmt.Errorf("%w: %w", errNoForm, err)
		}
		for name, v := range values {
			f.fields[name] = []byte(v[0])
		}
		return f, nil
	case "multipart/form-data":
	default:
		return form{}, fmt.Errorf("%w: content type %.80q", errNoForm, contentType)
	}
	if params["boundary"] == "" {
		return form{}, fmt.Errorf("%w: no boundary", errNoForm)
	}
	r := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for range mostParts {
		p, err := r.NextRawPart()
		if err == io.EOF && bytes.Contains(body, []byte("--"+params["boundary"]+"--")) {
			return f, nil
		}
		if err == io.EOF { // within a part's header, this is how the end looks too
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return form{}, fmt.Errorf("%w: %w", errNoForm, err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return form{}, fmt.Errorf("%w: %w", errNoForm, err)
		}
		field, name := formNames(p)
		if name != "" || strings.HasPrefix(field, "attachment") && p.Header.Get("Content-Type") != "" {
			kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
			f.files = append(f.files, file{field: field, name: name, mime: strings.TrimSpace(strings.ToLower(kind)), content: content})
			continue
		}
		if _, had := f.fields[field]; !had && field != "" {
			f.fields[field] = content
		}
	}
	return form{}, fmt.Errorf("%w: more than %d parts", errNoForm, mostParts)
}

// formNames are a part's field and file name. Content-Disposition is read by hand if
// it is not by the book: providers put raw UTF-8 into file names.
func formNames(p *multipart.Part) (field, name string) {
	value := p.Header.Get("Content-Disposition")
	if _, params, err := mime.ParseMediaType(value); err == nil {
		field, name = params["name"], params["filename"]
	} else {
		field, name = parameter(value, "name"), parameter(value, "filename")
	}
	if at := strings.LastIndexAny(name, `/\`); at >= 0 { // a path is nobody's business
		name = name[at+1:]
	}
	return field, strings.ToValidUTF8(name, "\ufffd")
}

// parameter finds name="value" in a broken header.
func parameter(header, name string) string {
	for _, p := range strings.Split(header, ";") {
		if k, v, ok := strings.Cut(strings.TrimSpace(p), "="); ok && strings.EqualFold(strings.TrimSpace(k), name) {
			return strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return ""
}
