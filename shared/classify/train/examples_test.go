package train_test

import (
	"strings"
	"testing"

	"ines/shared/classify/train"
)

func TestBadExamplesAreNamedByLine(t *testing.T) {
	for _, c := range []struct{ name, csv, want string }{
		{"empty", "", "f.csv: the file is empty"},
		{"no rows", "text,label\n", "f.csv: no examples"},
		{"no label column", "text,topic\na,b\n", "f.csv:1: the first line must name the columns text and label; it has text, topic"},
		{"empty text", "text,label\na,b\n\"  \",b\n", "f.csv:3: the text is empty"},
		{"empty label", "text,label\na,b\nc,\n", "f.csv:3: the label is empty"},
		{"too many columns", "text,label\na,b\nmy bag, my money,refund\n", "f.csv:3: 3 columns, want 2"},
		{"quote inside", "text,label\na,b\nmy \"bag\" is gone,baggage\n", "f.csv:3: a quote"},
		{"open quote", "text,label\na,b\n\"my bag,baggage\nnext,b\n", "f.csv:4: a quote that is neither at the start nor at the end of its field; " +
			`inside a quoted text write it twice: "" (the row begins in line 3: is a quote missing there?)`},
		{"two columns of one name", "text,label,Text\na,b,c\n", "f.csv:1: two columns are named text"},
		{"a long first line", "words" + strings.Repeat(" and words", 30) + "\n", "f.csv:1: the first line must name the columns text and label; it has words and words and words and words and words and words and…"},
		{"after what separates", "sep=;\ntext;label\na;b;c\n", "f.csv:3: 3 columns, want 2"},
		{"no header after what separates", "sep=;\na;b\n", "f.csv:2: the first line must name the columns text and label; it has a, b"},
		{"carriage returns only", "text,label\ra,b\rc\r", "f.csv:3: 1 columns, want 2"},
		{"Latin-1", "text,label\na,b\nvol annul\xe9,disruption\n", "f.csv:3: the byte 0xe9 is not UTF-8"},
		{"UTF-16", "\xff\xfet\x00e\x00", "f.csv:1: the file is in UTF-16"},
		{"binary", "text,label\na,b\n\x00\x01,c\n", "f.csv:3: a zero byte"},
	} {
		_, err := train.ReadExamples(strings.NewReader(c.csv), "f.csv")
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestExamplesAreRead(t *testing.T) {
	got, err := train.ReadExamples(strings.NewReader("\xef\xbb\xbfid,Label,Text\n1, refund ,\"two\nlines\"\n2,baggage,my bag\n"), "f.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Text != "two\nlines" || got[0].Label != "refund" || got[1].Line != 4 {
		t.Errorf("%+v", got)
	}
}

func TestSpreadsheetsSeparateOtherwise(t *testing.T) {
	for _, file := range []string{"id;text;label\r\n1;\"gone; all, of it\";baggage\r\n", "id\ttext\tlabel\n1\tgone; all, of it\tbaggage\n"} {
		got, err := train.ReadExamples(strings.NewReader(file), "f.csv")
		if err != nil || len(got) != 1 || got[0].Text != "gone; all, of it" || got[0].Label != "baggage" {
			t.Errorf("%q: %+v, %v", file, got, err)
		}
	}
}

func TestTablesAsTheWorldWritesThem(t *testing.T) {
	for name, file := range map[string]string{
		"carriage returns":                 "text,label\r\"gone\rall of it\",baggage\rmy money,refund\r",
		"line ends of three kinds":         "text,label\r\n\"gone\rall of it\",baggage\rmy money,refund\n",
		"a doubled carriage return":        "text,label\r\r\n\"gone\rall of it\",baggage\r\r\nmy money,refund\r\r\n",
		"sep":                              "\xef\xbb\xbfSEP=;\r\ntext;label\r\n\"gone\rall of it\";baggage\r\nmy money;refund\r\n",
		"sep in quotes":                    "\"sep=|\"\ntext|label\n\"gone\rall of it\"|baggage\nmy money|refund\n",
		"sep is a tab":                     "sep=\t\ntext\tlabel\n\"gone\rall of it\"\tbaggage\nmy money\trefund\n",
		"a comma in another column's name": "text;label;note, free\n\"gone\rall of it\";baggage;\nmy money;refund;a, b\n",
		"the same in quotes":               "\"a,b\";\"Text\";\"Label\"\nx;\"gone\rall of it\";baggage\n;my money;refund\n",
		"a semicolon among tabs":           "note, free; x\ttext\tlabel\n\t\"gone\rall of it\"\tbaggage\n\tmy money\trefund\n",
		"blanks of other kinds in a label": "text,label\n\"gone\rall of it\",\"\u00a0baggage\n\"\nmy money,refund\n",
	} {
		got, err := train.ReadExamples(strings.NewReader(file), "f.csv")
		if err != nil || len(got) != 2 || got[0].Text != "gone\rall of it" || got[0].Label != "baggage" || got[1].Text != "my money" || got[1].Label != "refund" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestALabelIsWhatItLooksLike(t *testing.T) {
	got, err := train.ReadExamples(strings.NewReader("text,label\na,caf\u00e9 bar\nb,cafe\u0301  bar\nc,\"cafe\u0301\u00a0bar\n\"\n"), "f.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		if e.Label != "caf\u00e9 bar" {
			t.Errorf("%q is %q", e.Text, e.Label)
		}
	}
}

func TestTooFewExamples(t *testing.T) {
	rows := func(text, label string, n int) (all []train.Example) {
		for i := range n {
			all = append(all, train.Example{Text: text + " " + strings.Repeat("x", i+1) + string(rune('a'+i%26)), Label: label, File: "f.csv", Line: i + 2})
		}
		return all
	}
	for _, c := range []struct {
		name     string
		examples []train.Example
		want     string
	}{
		{"none", nil, "no examples"},
		{"one label", rows("my bag", "baggage", 20), `all 20 texts are labelled "baggage"`},
		{"a thin label", append(rows("my bag", "baggage", 20), rows("money", "refund", 3)...), "too few: refund (3)"},
		{"only foreign ones", rows("my bag", "oos", 20), "about nothing"},
		{"only duplicates", append(rows("my bag", "baggage", 20), train.Example{Text: "money", Label: "refund"}, train.Example{Text: "Money", Label: "refund"},
			train.Example{Text: "money.", Label: "refund"}, train.Example{Text: "MONEY", Label: "refund"}, train.Example{Text: " money", Label: "refund"}), "too few: refund (1)"},
	} {
		if _, _, err := train.Train(t.Context(), c.examples, train.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzReadExamples(f *testing.F) {
	f.Add("text,label\na,b\n")
	f.Add("\xff\xfe")
	f.Add("text,label\n\"a\",\"b\n")
	f.Fuzz(func(t *testing.T, csv string) {
		got, err := train.ReadExamples(strings.NewReader(csv), "f.csv")
		if err == nil && len(got) == 0 {
			t.Error("neither examples nor an error")
		}
		if err != nil && !strings.HasPrefix(err.Error(), "f.csv:") {
			t.Errorf("%v does not say where", err)
		}
	})
}
