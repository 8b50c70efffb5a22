// Package markup writes HTML: a call for each element and attribute, whatever they hold
// escaped. Only functions/desk may import it.
//
// What is built is text at once. A tree of nodes, as libraries of elements keep it, would
// move every list of nodes to the heap, and the code for that would be a third of a page's.
package markup

import "strings"

// Node is what stands in an element: attributes of it, or what is between its tags, or
// both. Nil is nothing.
type Node = *node

type node struct{ attributes, content string }

// String is the HTML.
func (n *node) String() string { return n.content }

// Group is several nodes in the place of one.
func Group(all ...Node) Node { return &node{attributesOf("", all), contentOf("", all, "")} }

// attributesOf and contentOf are of all the nodes, between what stands around them.
func attributesOf(before string, all []Node) string {
	for _, n := range all {
		if n != nil {
			before += n.attributes // few have any
		}
	}
	return before
}

func contentOf(before string, all []Node, after string) string {
	size := len(before) + len(after)
	for _, n := range all {
		if n != nil {
			size += len(n.content)
		}
	}
	var b strings.Builder
	b.Grow(size)
	b.WriteString(before)
	for _, n := range all {
		if n != nil {
			b.WriteString(n.content)
		}
	}
	b.WriteString(after)
	return b.String()
}

// Map is a node for each of several things.
func Map[T any](all []T, node func(T) Node) Node {
	nodes := make([]Node, len(all))
	for i := range all {
		nodes[i] = node(all[i])
	}
	return Group(nodes...)
}

// If is the node where the condition holds, else nothing.
func If(condition bool, n Node) Node {
	if condition {
		return n
	}
	return nil
}

// Text is words, escaped.
func Text(words string) Node { return &node{content: escaped.Replace(words)} }

// Attr is an attribute with its value, Flag one that has none.
func Attr(name, value string) Node {
	return &node{attributes: " " + name + `="` + escaped.Replace(value) + `"`}
}

func Flag(name string) Node { return &node{attributes: " " + name} }

// Document is a whole page.
func Document(html Node) Node { return &node{content: "<!doctype html>" + html.content} }

func element(name string, inside []Node) Node {
	return &node{content: contentOf(attributesOf("<"+name, inside)+">", inside, "</"+name+">")}
}

func void(name string, attributes []Node) Node {
	return &node{content: attributesOf("<"+name, attributes) + ">"}
}

// No browser takes a NUL for a letter.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "\x00", "\ufffd")
