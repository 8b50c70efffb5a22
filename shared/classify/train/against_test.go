package train_test

import (
	"fmt"
	"strings"
	"testing"

	"ines/shared/classify/model"
	"ines/shared/classify/train"
)

func TestAWorseModelIsNotPromoted(t *testing.T) {
	all := spoken(150, 0)
	learn, frozen := train.Without(all, all[:80]), all[:80]
	build := func(examples []train.Example) *model.Model {
		file, _, err := train.Train(t.Context(), examples, train.Options{C: []float64{0.5}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	good := build(learn)
	unlike := make([]train.Example, 200)
	for i := range unlike {
		unlike[i] = train.Example{Text: fmt.Sprintf("word%c thing%c", 'a'+i%26, 'a'+i/9), Label: []string{"baggage", "refund", "booking", "crew"}[i%4]}
	}
	spoilt := append([]train.Example(nil), learn...)
	for i := range spoilt {
		if i%2 == 0 {
			spoilt[i].Label = spoilt[(i*7+3)%len(spoilt)].Label
		}
	}
	fewer := append([]train.Example(nil), learn...)
	for i := range fewer {
		if fewer[i].Label == "crew" {
			fewer[i].Label = "booking"
		}
	}
	for _, c := range []struct {
		name string
		new  *model.Model
		part []train.Example
		want string
	}{
		{"itself", good, frozen, ""},
		{"a spoilt one", build(spoilt), frozen, "the new model is right on"},
		{"a label less", build(fewer), frozen, "does not know crew any more"},
		{"nothing frozen", good, nil, "no texts"},
	} {
		got := train.Compare(good, c.new, c.part, nil).Worse()
		if len(c.part) > 0 || c.name == "itself" {
			unseen := train.CompareUnseen(good, c.new).Worse()
			if (unseen == "") != (c.want == "") || !strings.Contains(unseen, c.want) {
				t.Errorf("%s, unseen: %q, want %q", c.name, unseen, c.want)
			}
		}
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := train.CompareUnseen(good, build(unlike)).Worse(); !strings.Contains(got, "not in the examples any more") && !strings.Contains(got, "no texts") {
		t.Errorf("other examples: %q", got)
	}
}

func TestWithoutLeavesOutNearDuplicates(t *testing.T) {
	all := []train.Example{{Text: "My bag is gone, NL204!"}, {Text: "Where is my refund?"}}
	got := train.Without(all, []train.Example{{Text: "my bag is gone nl310"}})
	if len(got) != 1 || got[0].Text != all[1].Text {
		t.Errorf("left: %v", got)
	}
}
