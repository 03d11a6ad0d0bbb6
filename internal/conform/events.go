package conform

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Events is an AsyncAPI document, with what it refers to.
type Events struct {
	*document
	messages map[spoken]message
}

// spoken is by what a message is known.
type spoken struct{ topic, kind, version string }

// message is a message of the document.
type message struct {
	name  string // on its channel
	place string
}

// loadEvents reads a document; nil: there is no such file.
func loadEvents(on *shelf, path string) (*Events, error) {
	doc, err := on.open(urlOf(path))
	if err != nil || doc == nil {
		return nil, err
	}
	e := &Events{document: doc, messages: map[spoken]message{}}
	channels, _ := doc.tree["channels"].(map[string]any)
	for channel := range channels {
		if isForeign(channel) {
			continue
		}
		topic, place := doc.at("channels", channel)
		messages, _ := topic["messages"].(map[string]any)
		for name := range messages {
			m, at := doc.from(topic, place, "messages", name)
			if m == nil {
				return nil, fmt.Errorf("%s: the message %s leads nowhere", path, name)
			}
			version, _ := doc.from(m, at, "headers", "properties", "ce_dataversion")
			e.messages[spoken{fmt.Sprint(topic["address"]), fmt.Sprint(m["name"]), fmt.Sprint(version["const"])}] = message{name, at}
		}
	}
	return e, nil
}

// isForeign tells of a topic of others, whose records are no events of the system.
func isForeign(channel string) bool { return strings.HasPrefix(channel, "foreign.topic.") }

// Topics are those that the document knows.
func (e *Events) Topics() []string {
	var out []string
	channels, _ := e.tree["channels"].(map[string]any)
	for channel := range channels {
		if isForeign(channel) {
			continue
		}
		topic, _ := e.at("channels", channel)
		out = append(out, fmt.Sprint(topic["address"]))
	}
	return out
}

// Record says what a record of a topic has that the documents do not.
func (e *Events) Record(topic, key string, headers map[string]string, payload []byte) error {
	m, ok := e.messages[spoken{topic, headers["ce_type"], headers["ce_dataversion"]}]
	if !ok {
		return fmt.Errorf("%s: there is no message %s with ce_dataversion %s", topic, headers["ce_type"], headers["ce_dataversion"])
	}
	if err := e.record(m, key, headers, payload); err != nil {
		return fmt.Errorf("%s: %s is not as documented: %w: %s", topic, m.name, err, payload)
	}
	return nil
}

func (e *Events) record(m message, key string, headers map[string]string, payload []byte) error {
	if key != headers["ce_subject"] {
		return fmt.Errorf("its key is %q, its subject %q", key, headers["ce_subject"])
	}
	data, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	if err := e.valid(data, below(m.place, "headers")); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	return e.valid(payload, below(m.place, "payload"))
}
