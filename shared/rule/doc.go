// Package rule is the language in which a desk policy asks about messages: the expr
// language (expr-lang.org), read, type-checked and answered here. Package policy
// compiles rules with it when a policy is loaded and asks them of every message; no
// other package needs it. It imports nothing of ours.
//
// It is our own because of what the language's library costs: that looks methods up
// by name, so that the linker keeps every method of every type, and each function's
// bundle is 4 MB larger. Nothing here reflects. It also knows the facts that a rule
// mentions, as explanations need, and bounds what one evaluation may use, as a desk
// needs that anybody can write to.
//
// A rule is parsed into a tree of Nodes, which a policy can walk to refuse what it
// doesn't want. Compile checks the types against the Facts that this kind of rule
// may look at and makes closures of the tree; Holds runs them against a Source of
// values. Neither needs memory for the rules that policies are made of.
//
// The tests hold it against the library: a table of expressions, generated ones and
// a fuzz target have to compile in both or in neither, be of the same type, and give
// the same value or fail. It is the language without the library's optimizer, which
// drops failures: "x and false" fails here if x does. Besides, it differs on
// purpose in these points, each of which a test shows:
//
//   - There is no now and no $env. A function's name alone is refused.
//   - == and != never fail. The library's do where a type turns out to be another
//     than was expected: find(points, false) == "x" is no here.
//   - A remainder by a literal 0 is refused; it would always fail.
//   - The bounds of a slice are checked also where it isn't known of what.
//   - keys, values and toPairs of a map come in the order of its keys, groupBy's in
//     that of the list: the same facts always get the same answer.
//   - "field" in customer and the like ask by the names that facts have in rules,
//     not by those in Go, and so does toJSON. type says struct.
//   - A byte of a text is a whole number like others. Pairs are lists.
//   - Of the methods of times and durations there are those that ask and calculate;
//     their fields are not to be seen, nor is "in" asked of them.
//   - any, filter and so on ask the parts of lists, never those of maps.
//   - One evaluation may make a million parts of lists, as in the library, but also
//     16 MB of text at most, and look at ten million parts: then it fails. The
//     library would go on.
package rule
