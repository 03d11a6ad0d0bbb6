package openapi

import "go.yaml.in/yaml/v3"

// Objects of YAML are lists: a name, its value, a name, its value.

func object() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

// member is a member of an object; nil: there is none.
func member(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// inside is a member that is an object, which is added where it is missing.
func inside(n *yaml.Node, name string) *yaml.Node {
	there := member(n, name)
	if there == nil {
		there = object()
		n.Content = append(n.Content, text(name), there)
	}
	return there
}

// take removes a member, and is it.
func take(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			taken := n.Content[i+1]
			n.Content = append(n.Content[:i:i], n.Content[i+2:]...)
			return taken
		}
	}
	return nil
}

// addMissing adds those members of another object that one does not have.
func addMissing(to, from *yaml.Node) {
	if to == nil || from == nil {
		return
	}
	for i := 0; i+1 < len(from.Content); i += 2 {
		if name := from.Content[i]; member(to, name.Value) == nil {
			to.Content = append(to.Content, name, from.Content[i+1])
		}
	}
}

// find is what a pointer leads to; nil: nothing.
func find(n *yaml.Node, pointer []string) *yaml.Node {
	for _, name := range pointer {
		n = member(n, name)
	}
	return n
}

// eachRef visits the references below a node.
func eachRef(n *yaml.Node, visit func(ref *yaml.Node)) {
	if ref := member(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode {
		visit(ref)
	}
	for _, x := range n.Content {
		eachRef(x, visit)
	}
}

func copied(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, x := range n.Content {
		out.Content[i] = copied(x)
	}
	return &out
}
