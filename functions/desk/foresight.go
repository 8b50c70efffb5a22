package desk

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"

	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
	"ines/shared/table"
)

// foresightRoutes are those that concern no case that is there already.
func (d *Desk) foresightRoutes() []route {
	return []route{
		{method: "POST", path: "/api/simulate", summary: "What would happen to a message: the case it joins or opens, and every decision with its rule and facts. Nothing is written.",
			body: simulateFields, shape: simulation{}, serve: d.simulate},
		d.eraseRoute(),
		{method: "POST", path: "/api/customers/{id}/profile", summary: "Write down what colleagues should know of a customer: tags that segments ask for, name and language. What is left out stays.",
			body: profileFields, shape: profileAnswer{}, serve: d.writeProfile},
		{method: "POST", path: "/api/cases/next", summary: "Claim the first case in the order of work that is for you: your departments, skills, languages and communities. case is null if there is none; why says which and why.",
			body: nextFields, shape: nextAnswer{}, serve: d.nextCase},
		{method: "GET", path: "/api/me", summary: "Who you are, whether the desk may give you cases, and how many you have.", shape: meAnswer{}, serve: d.showMe},
		{method: "POST", path: "/api/me/presence", summary: "Say whether the desk may give you cases. It holds for twelve hours, or until you let a case lie.",
			body: presenceFields, shape: meAnswer{}, serve: d.setPresence},
	}
}

// read decodes a body for a route that is no action.
func readBody(w http.ResponseWriter, r *http.Request, fields []field) (body, []byte, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, nil, malformed("", "The body can't be read.")
	}
	b, err := decode(raw, fields)
	return b, raw, err
}

// deed is something that is done once per colleague and idempotency key. It gets what
// keeps its answer in the same transaction as its writes, and has to make those writes.
type deed = func(ctx context.Context, keep func(docket.Answer) ([]table.Write, error)) (docket.Answer, error)

// onceAs does it for a request of the API, and answers.
func (d *Desk) onceAs(w http.ResponseWriter, r *http.Request, who policy.Colleague, request []byte, do deed) error {
	a, replayed, err := d.onceFor(r, who, strings.TrimSpace(r.Header.Get("Idempotency-Key")), request, do)
	if err != nil {
		return err
	}
	if replayed {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return d.say(w, a)
}

// onceFor does it, or gives the answer that the same request got before.
func (d *Desk) onceFor(r *http.Request, who policy.Colleague, key string, request []byte, do deed) (a docket.Answer, replayed bool, err error) {
	now := d.now()
	if err := checkKey(key); err != nil {
		return a, false, err
	}
	asked := order{action: action{path: r.URL.Path}, input: input{body: body{"request": string(request)}}}
	for range 3 {
		var slot docket.Slot
		if key != "" {
			if slot, err = d.docket.Remembered(r.Context(), who.ID, key, now); err != nil {
				return a, false, err
			}
			if slot.Answer != nil {
				return asked.again(*slot.Answer)
			}
		}
		a, err = do(r.Context(), func(a docket.Answer) ([]table.Write, error) {
			if key == "" {
				return nil, nil
			}
			a.Request = asked.fingerprint()
			if a.Case == "" && strings.HasPrefix(r.URL.Path, "/api/customers/") {
				a.Customer = r.PathValue("id")
			}
			return slot.Remember(a, now)
		})
		if err == nil || key == "" || !slot.Taken(err) {
			return a, false, err
		}
	}
	return a, false, err
}

func (d *Desk) say(w http.ResponseWriter, a docket.Answer) error {
	if a.ETag != "" {
		w.Header().Set("ETag", a.ETag)
	}
	return writeRaw(w, a.Status, a.Body)
}

var profileFields = []field{
	{name: "tags", kind: texts, doc: "words such as fan or vulnerable, which segments may ask for; they replace those there are"},
	{name: "name", kind: text, doc: "how the customer wants to be called; empty takes it back"},
	{name: "language", kind: text, doc: "BCP 47 tag; empty takes it back"},
}

type profileAnswer struct {
	Customer string   `json:"customer"`
	Tags     []string `json:"tags"`
	Name     string   `json:"name,omitempty"`
	Language string   `json:"language,omitempty"`
}

func profileJSON(id string, p casework.Profile) profileAnswer {
	if p.Tags == nil {
		p.Tags = []string{}
	}
	return profileAnswer{id, p.Tags, p.Name, p.Language}
}

const (
	maxTags = 20
	maxTag  = 48 // bytes
)

// checkTags folds tags to lower case and drops those that stand there twice.
func checkTags(given []string) ([]string, error) {
	var tags []string
	for _, t := range given {
		t = strings.ToLower(strings.TrimSpace(t))
		if t == "" || len(t) > maxTag || !plausible(t) {
			return nil, invalid("tags", "%q is no tag: a tag is a word of at most %d bytes.", t, maxTag)
		}
		if !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	if len(tags) > maxTags {
		return nil, invalid("tags", "A customer has at most %d tags.", maxTags)
	}
	slices.Sort(tags)
	return tags, nil
}

func (d *Desk) writeProfile(w http.ResponseWriter, r *http.Request, who policy.Colleague) error {
	b, raw, err := readBody(w, r, profileFields)
	if err != nil {
		return err
	}
	write, err := d.profiling(r.Context(), r.PathValue("id"), b)
	if err != nil {
		return err
	}
	return d.onceAs(w, r, who, raw, write)
}

// profiling writes a profile down, for the API and the console alike.
func (d *Desk) profiling(ctx context.Context, id string, b body) (deed, error) {
	if !plausible(id) {
		return nil, unknownCustomer
	}
	tags, err := checkTags(b.texts("tags"))
	if err != nil {
		return nil, err
	}
	if l := b.text("language"); l != "" && !policy.IsLanguage(l) {
		return nil, invalid("language", "%q is not a language: a tag such as en, pt-BR or zh-Hant.", l)
	}
	if len(b.text("name")) > 200 {
		return nil, invalid("name", "A name has at most 200 bytes.")
	}
	if views, err := d.docket.Customer(ctx, id); err != nil {
		return nil, err
	} else if len(views) == 0 {
		return nil, unknownCustomer
	}
	return func(ctx context.Context, keep func(docket.Answer) ([]table.Write, error)) (a docket.Answer, err error) {
		change := func(p *casework.Profile) {
			if _, given := b["tags"]; given {
				p.Tags = tags
			}
			if _, given := b["name"]; given {
				p.Name = strings.TrimSpace(b.text("name"))
			}
			if _, given := b["language"]; given {
				p.Language = b.text("language")
			}
		}
		_, err = d.docket.SetProfile(ctx, id, change, func(p casework.Profile) ([]table.Write, error) {
			if a, err = encodeAnswer(http.StatusOK, profileJSON(id, p)); err != nil {
				return nil, err
			}
			return keep(a)
		})
		return a, err
	}, nil
}
