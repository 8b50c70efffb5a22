package rule

import (
	"strconv"
	"strings"
)

// Shape is the rule without differences of layout: two rules of the same shape ask
// the same.
func (n *Node) Shape() string {
	var b strings.Builder
	n.shape(&b)
	return b.String()
}

func (n *Node) shape(b *strings.Builder) {
	switch n.Kind {
	case KindWhole:
		b.WriteString(strconv.Itoa(n.whole))
		return
	case KindFloat:
		b.Write(appendFloat(nil, n.float))
		return
	case KindText:
		b.WriteString(strconv.Quote(n.Text))
		return
	case KindName, KindBool:
		b.WriteString(n.Text)
		return
	case KindChain, KindPredicate:
		n.Parts[0].shape(b)
		return
	}
	b.WriteString(shapes[n.Kind])
	b.WriteString(n.Text)
	if n.optional {
		b.WriteByte('?')
	}
	b.WriteByte('(')
	for i, part := range n.Parts {
		if i > 0 {
			b.WriteByte(' ')
		}
		if part != nil {
			part.shape(b)
		}
	}
	b.WriteByte(')')
}

var shapes = [...]string{KindNil: "nil", KindUnary: "", KindBinary: "", KindMember: ".", KindSlice: ":", KindCall: "call ", KindBuiltin: "",
	KindPointer: "#", KindLet: "let ", KindSequence: ";", KindConditional: "?", KindList: "[]", KindMap: "{}", KindPair: "pair"}
