package desk

import (
	"go/ast"
	"go/parser"
	sources "go/token"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	. "ines/functions/desk/markup"
	"ines/shared/casework"
	"ines/shared/docket"
	"ines/shared/policy"
)

// Whatever an id is, its address stays on this desk.
func TestAddressesStayHere(t *testing.T) {
	for _, id := range []string{"javascript:alert(1)", "//evil.example", "https://evil.example", `"><script>`, "a/b?c#d", "\n", "é ", ""} {
		for name, a := range map[string]address{"a case": here("cases", id), "a query": here().with(url.Values{"q": {id}}), "a part": anchor(id)} {
			u, err := url.Parse(string(a))
			if err != nil || u.Scheme != "" || u.Host != "" || strings.HasPrefix(string(a), "//") || strings.ContainsAny(string(a), "\"<>\n ") {
				t.Errorf("%s of %q is %q (%v)", name, id, a, err)
			}
		}
		if u, err := url.Parse(string(here("cases", id))); err != nil || u.Path != "/cases/"+id || u.RawQuery+u.Fragment != "" {
			t.Errorf("the page of the case %q is %q", id, here("cases", id))
		}
	}
	for raw, want := range map[string]address{"https://sign-in.example/out?a=b": "https://sign-in.example/out?a=b", "HTTPS://sign-in.example": "https://sign-in.example",
		"javascript:alert(1)": "", " javascript:alert(1)": "", "java\nscript:alert(1)": "", "http://sign-in.example": "", "//sign-in.example": "", "https:sign-in.example": "",
		"https://me@sign-in.example": "", "data:text/html,<b>": "", "/cases": "", "": ""} {
		if got := elsewhere(raw); got != want {
			t.Errorf("elsewhere(%q) is %q, want %q", raw, got, want)
		}
	}
}

func TestPagesAreNamedByTheirAddresses(t *testing.T) {
	for copied, want := range map[string]string{"3e88": "3e88", " 3e88 ": "3e88", "https://desk.example/cases/3e88?all=1#latest": "3e88", "/customers/3e88/": "3e88", "?": ".", "#": "."} {
		if got := ofPage(copied); got != want {
			t.Errorf("%q is the page of %q, not of %q", copied, got, want)
		}
	}
}

// What people wrote is text wherever a page puts it: between tags and in attributes.
func TestHostileTextIsInert(t *testing.T) {
	evil := "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\x00&lt;javascript:alert(1)"
	file := link{Label: evil, URL: here("cases", evil, "files", evil)}
	who := policy.Colleague{ID: evil, Name: evil, Roles: []string{evil}}
	then := moment{evil, evil, evil}
	due := dueWords{evil, evil, evil, then}
	p := casePage{page: page{evil, who, evil}, Blocks: []block{{Said: true, Side: evil, Who: evil, Mark: evil, Where: evil, At: then, Text: evil, Lang: evil, State: evil, StateWords: evil,
		Tags: []string{evil}, Files: []link{file}}, {Lines: []line{{then, evil, true, false, []because{{evil, evil}}, []line{{At: then, Text: evil, Quiet: true}}}}}},
		Earlier: 1, Promises: []promiseRow{{evil, evil, evil, evil, true, due}}, Heard: []promiseRow{{evil, evil, evil, evil, true, due}}, Exposed: []exposedRow{{evil, evil, evil}},
		Waiting: []approvalRow{{evil, evil, evil, evil, evil, true, true, true, due}}, Asked: []questionRow{{evil, evil, evil, evil, true, true, due}}, Actions: []string{evil},
		Splittable: []splitRow{{evil, evil}}, Departments: []policy.Department{{ID: evil, Name: evil}}, TopicList: []policy.Topic{{ID: evil, Name: evil}},
		Colleagues: []policy.Colleague{who}, Private: []choice{{evil, evil}}, Hold: "other", Since: then, SnoozeUntil: then, Sign: evil, Zone: evil, Rule: evil, Token: evil,
		Threads: []threadRow{{evil, evil, evil, evil, true, true}}, Problem: &formProblem{Form: "notes", Title: evil, Detail: evil, Hints: []string{evil}, Rule: evil, typed: url.Values{"text": {evil}}}}
	p.ID, p.Customer, p.Owner, p.Department, p.Topic, p.Lang, p.Why, p.FollowsUp, p.Absorbed = evil, customerJSON{evil, evil}, evil, evil, evil, evil, evil, evil, nil
	list := listPage{page: p.page, Standings: []link{file}, Rows: []row{{caseJSON: p.caseJSON, Department: evil, Owner: evil, Due: due, Wait: then, WaitSpan: evil, Where: []string{evil}, Lang: evil}},
		Query: url.Values{"q": {evil}, "queue": {evil}}, Held: []inboxJSON{{ID: evil, Why: evil, Since: &time.Time{}}}, MayResume: true, Token: evil, Queue: evil, More: here().with(url.Values{"cursor": {evil}})}
	handle := handleJSON{Name: evil, Username: evil, Source: evil, Refused: []refusalJSON{{evil, time.Time{}, evil}}}
	handle.Channel, handle.ID = evil, evil
	other := customerJSON{evil, evil}
	customer := customerPage{page: p.page, Name: func(string) string { return evil }, Rows: list.Rows, MayErase: true, Why: evil, Foreseen: &erasureAnswer{}, Token: evil,
		Problem: &formProblem{Form: "merge", Title: evil, Detail: evil, typed: url.Values{"into": {evil}, "why": {evil}}}}
	customer.Customer = customerDetail{ID: evil, Name: evil, Handles: []handleJSON{handle}, Tags: []string{evil}, Called: evil, Language: evil,
		MergedFrom: []mergedJSON{{Customer: other, By: evil, Why: evil}}, Proposals: []mayBeJSON{{ID: evil, With: other, Case: evil, Why: evil}}, Declined: []declinedJSON{{With: other, By: evil, Why: evil}}}
	voice := voicePage{page: p.page, Periods: []link{file}, voiceAnswer: voiceAnswer{Customers: []topicVoice{{Topic: evil}}, Employees: []ruleVoice{{Rule: evil}}, Praise: []praiseVoice{{Name: evil}}}}
	p.Identity = []casework.IdentityProposal{{Customer: casework.Person{ID: evil, Name: evil}, With: casework.Person{ID: evil, Name: evil}, Why: evil}}
	figures := figuresPage{page: p.page, Periods: []link{file}, Queues: []queueJSON{{Name: evil}}, Team: []meAnswer{{Name: evil}}, Clocks: []clockFigures{{Community: evil, Clock: evil}},
		Channels: []docket.Parity{{Channel: evil}}, Promises: []docket.PromiseCount{{Department: evil}}}
	sign := signInPage{page: p.page, Colleagues: []policy.Colleague{who}, Next: evil}
	for name, n := range map[string]Node{"case": p.html(), "list": list.html(), "customer": customer.html(), "voices": voice.html(), "figures": figures.html(), "sign-in": sign.html(), "signed out": signedOutPage{p.page, elsewhere("https://sign-in.example/" + evil)}.html()} {
		got := n.String()
		if strings.Count(got, "<script") != 1 || strings.Count(got, "<img") != 1 || strings.ContainsRune(got, 0) || strings.Count(got, "alert(1)") < 3 {
			t.Errorf("the page %s has more than text of what people wrote:\n%s", name, got)
		}
		for _, part := range strings.Split(got, "<")[1:] {
			tag, _, _ := strings.Cut(part, ">")
			for _, name := range []string{` href="`, ` src="`, ` action="`} {
				_, to, ok := strings.Cut(tag, name)
				if ok && !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "#") && !strings.HasPrefix(to, "https://sign-in.example/") {
					t.Errorf("the page %s leads to <%s>", name, tag)
				}
			}
		}
	}
}

// Only html.go makes addresses and writes what could run.
func TestOneWayToAddresses(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	barred := []string{"Href", "Src", "SrcSet", "Action", "FormAction", "Poster", "Raw", "Rawf", "Style", "StyleAttr", "StyleEl", "SVG", "IFrame", "Object", "Embed", "Base"}
	looked := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") || f.Name() == "html.go" {
			continue
		}
		set := sources.NewFileSet()
		tree, err := parser.ParseFile(set, f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		looked++
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, ok := call.Fun.(*ast.Ident)
			if !ok {
				return true
			}
			if slices.Contains(barred, name.Name) || name.Name == "address" {
				t.Errorf("%s calls %s: html.go does that", set.Position(call.Pos()), name.Name)
			}
			if name.Name == "Attr" || name.Name == "Flag" {
				said, ok := call.Args[0].(*ast.BasicLit)
				attr := ""
				if ok {
					attr, _ = strconv.Unquote(said.Value)
				}
				if !slices.Contains([]string{"open", "download", "inputmode"}, attr) {
					t.Errorf("%s writes an attribute that html.go should: %s", set.Position(call.Pos()), attr)
				}
			}
			return true
		})
	}
	if looked < 30 {
		t.Errorf("only %d files were looked at", looked)
	}
}
