package rule

// Node is a part of a rule as it was written.
type Node struct {
	Kind NodeKind
	// Text is the name, the operator or the text that the node is about.
	Text string
	// Parts in the order in which they are written; nil where a slice has no bound.
	Parts []*Node
	At    int // characters before it in the rule

	whole    int     // of a KindWhole
	float    float64 // of a KindFloat
	optional bool    // of a KindMember: written with ?.
	typed    Type    // found by the checker
	place    int     // of a fact, a variable or a field; set by the checker
}

// NodeKind says what a node is.
type NodeKind uint8

// The kinds of nodes, with their parts.
const (
	KindNil         NodeKind = iota
	KindBool                 // Text is true or false
	KindWhole                //
	KindFloat                //
	KindText                 //
	KindName                 // of a fact or a variable
	KindUnary                // operand
	KindBinary               // left, right
	KindChain                // what ends at nil where a ?. in it meets nil
	KindMember               // whole, and which part of it: a KindText where it is written with a point
	KindSlice                // whole, from, to
	KindCall                 // callee, arguments
	KindBuiltin              // arguments
	KindPredicate            // what is asked of each part of a list
	KindPointer              // #, or #index and #acc
	KindLet                  // value, what it is used in
	KindSequence             // all but the last are evaluated for nothing
	KindConditional          // question, then, else
	KindList                 // items
	KindMap                  // pairs
	KindPair                 // key, value
)

// Walk visits the parts of a node before the node itself.
func (n *Node) Walk(visit func(*Node)) {
	for _, part := range n.Parts {
		if part != nil {
			part.Walk(visit)
		}
	}
	visit(n)
}
