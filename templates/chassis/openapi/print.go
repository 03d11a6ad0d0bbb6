package openapi

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// At is the document, told where it is asked for: the URL of the server, absolute
// or from there.
func (d *Document) At(server string) *Document {
	root := *d.root
	root.Content = append([]*yaml.Node(nil), d.root.Content...)
	take(&root, "servers")
	at, servers := object(), &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	at.Content = []*yaml.Node{text("url"), text(server)}
	servers.Content = []*yaml.Node{at}
	root.Content = append(root.Content, text("servers"), servers)
	return &Document{&root}
}

// YAML is the text of the document.
func (d *Document) YAML() ([]byte, error) { return yaml.Marshal(d.root) }

// JSON is the text of the document, its members in the order they have in YAML.
func (d *Document) JSON() ([]byte, error) {
	var b bytes.Buffer
	if err := writeJSON(&b, d.root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeJSON(b *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		return writeList(b, n.Content, '{', '}', ":,")
	case yaml.SequenceNode:
		return writeList(b, n.Content, '[', ']', ",,")
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() != "!!str" && json.Valid([]byte(n.Value)) {
		b.WriteString(n.Value) // a number, true, false, null
		return nil
	}
	data, err := json.Marshal(n.Value)
	b.Write(data)
	return err
}

// writeList writes nodes between brackets, with the separators between them in
// turn.
func writeList(b *bytes.Buffer, nodes []*yaml.Node, first, last byte, between string) error {
	b.WriteByte(first)
	for i, n := range nodes {
		if i > 0 {
			b.WriteByte(between[(i-1)%2])
		}
		if first == '{' && i%2 == 0 {
			n = text(n.Value) // a name, whatever it looks like
		}
		if err := writeJSON(b, n); err != nil {
			return err
		}
	}
	b.WriteByte(last)
	return nil
}
