package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"ines/functions/desk"
	"ines/shared/casework"
	"ines/shared/channel/registry"
	"ines/shared/docket"
	"ines/shared/docket/dockettest"
	"ines/shared/message"
)

func TestPersonalDataInPublicIsShownWithAWarningToSend(t *testing.T) {
	b := newBench(t)
	// Real channels: a warning is longer than the 60 characters of the others.
	b.Register = dockettest.Open(t, dockettest.Setup{Policy: dockettest.Policy(t, testDesk)})
	b.desk = desk.New(desk.Config{Docket: b.Docket, Policy: b.Policy, Channels: docket.NewChannels(b.Policy, registry.Find), Now: b.Now})
	id := b.file(message.Message{Text: "my number is +44 7700 900461", Extra: map[string]string{"summoned": "true"}}, casework.About{Language: "en", Kind: "complaint"})
	page := b.must(b.send("GET", "/cases/"+id, "", tom, "Accept: text/html"), http.StatusOK).Body
	for _, want := range []string{"Personal data stands in public (phone)", "A word for your own sake", "Send this warning", "Personal data stands in public here: phone."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page says nothing of %q", want)
		}
	}
	list := b.must(b.get("/api/cases"), http.StatusOK)
	if strings.Contains(list.Body, "900461") || !strings.Contains(list.text("cases", 0, "last_text"), "my number is") {
		t.Errorf("the list: %s", list.Body)
	}
	a := b.must(b.get("/api/cases/"+id), http.StatusOK)
	if !strings.Contains(a.Body, `"kind":"personal_data_public"`) || !strings.Contains(a.Body, `"kinds":["phone"]`) {
		t.Errorf("the timeline: %s", a.Body)
	}
}

func TestPrivateWithoutWordsSaysTheBrands(t *testing.T) {
	b := newBench(t)
	id := b.open()
	a := b.must(b.post("ines", "/api/cases/"+id+"/private", `{"channel":"email","address":"leo@post.example","text":""}`), http.StatusAccepted)
	if detail := b.must(b.get("/api/cases/"+id), http.StatusOK).Body; !strings.Contains(detail, "here we are among ourselves") {
		t.Errorf("%s\n%s", a.Body, detail)
	}
	b.problem(b.post("ines", "/api/cases/"+id+"/private", `{"channel":"whatsapp"}`), http.StatusUnprocessableEntity, "unreachable")
}
