package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"pgregory.net/rapid"
)

func TestNodes(t *testing.T) {
	for want, n := range map[string]Node{
		`<p class="a&#34;b" hidden>x<br>y</p>`:              P(Text("x"), Class(`a"b`), Br(), Flag("hidden"), Text("y")),
		`<ul><li>1</li><li>2</li></ul>`:                     Ul(Map([]string{"1", "2"}, func(s string) Node { return Li(Text(s)) })),
		`<div id="x">in<span></span></div>`:                 Div(Group(ID("x"), Text("in")), nil, If(false, Text("out")), If(true, Span())),
		`<input name="n" aria-label="l" data-x="" checked>`: Input(Name("n"), Aria("label", "l"), Data("x", ""), Checked()),
		`<!doctype html><html lang="en"></html>`:            Document(HTML(Lang("en"))),
		``:                                                  Group(nil, Map(nil, Text)),
	} {
		if got := n.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// Whatever the words are, a browser reads them as they were written.
func TestWordsStayWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.OneOf(rapid.String(), rapid.StringMatching(`[<>&"'/a-z=\x00 ;#]*`)).Draw(t, "words")
		want := strings.ToValidUTF8(strings.ReplaceAll(words, "\x00", "\ufffd"), "\ufffd")
		z := html.NewTokenizer(strings.NewReader(strings.ToValidUTF8(P(TitleAttr(words), Text("."+words)).String(), "\ufffd")))
		z.Next()
		tag := z.Token()
		z.Next()
		text := z.Token()
		z.Next()
		end := z.Token()
		if len(tag.Attr) != 1 || ends(tag.Attr[0].Val) != ends(want) || ends(text.Data) != ends("."+want) || end.Type != html.EndTagToken {
			t.Fatalf("%q is read as %v %v %v", words, tag, text, end)
		}
	})
}

// ends are a text's line ends as HTML reads them.
func ends(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
