package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Events is an AsyncAPI document, and the schemas of the events that the
// service publishes, a file each.
type Events struct {
	*document
	messages map[string]string // by topic and ce_type: the name in the document
	files    map[string]*jsonschema.Schema
}

func loadEvents(api string) (*Events, error) {
	doc, err := read(filepath.Join(api, "asyncapi.yaml"), jsonschema.Draft7)
	if err != nil || doc == nil {
		return nil, err
	}
	e := &Events{document: doc, messages: map[string]string{}, files: map[string]*jsonschema.Schema{}}
	channels, _ := doc.tree["channels"].(map[string]any)
	for channel := range channels {
		topic, _ := doc.at("channels", channel)
		messages, _ := topic["messages"].(map[string]any)
		for name := range messages {
			m, _ := doc.at("components", "messages", name)
			e.messages[fmt.Sprint(topic["address"], " ", m["name"])] = name
		}
	}
	paths, err := filepath.Glob(filepath.Join(api, "schemas", "*.event.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if e.files[strings.TrimSuffix(filepath.Base(path), ".event.json")], err = compile(path); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func compile(path string) (*jsonschema.Schema, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(path, doc); err != nil {
		return nil, err
	}
	return c.Compile(path)
}

// Topics are those that the document knows.
func (e *Events) Topics() []string {
	var out []string
	channels, _ := e.tree["channels"].(map[string]any)
	for channel := range channels {
		topic, _ := e.at("channels", channel)
		out = append(out, fmt.Sprint(topic["address"]))
	}
	return out
}

// Record says what a record of a topic has that the documents do not.
func (e *Events) Record(topic, key string, headers map[string]string, payload []byte) error {
	name, ok := e.messages[topic+" "+headers["ce_type"]]
	if !ok {
		return fmt.Errorf("%s: there is no message %s", topic, headers["ce_type"])
	}
	if err := e.record(name, key, headers, payload); err != nil {
		return fmt.Errorf("%s: %s is not as documented: %w: %s", topic, name, err, payload)
	}
	return nil
}

func (e *Events) record(name, key string, headers map[string]string, payload []byte) error {
	if key != headers["ce_subject"] {
		return fmt.Errorf("its key is %q, its subject %q", key, headers["ce_subject"])
	}
	data, err := json.Marshal(headers)
	if err != nil {
		return err
	}
	if err := e.valid(data, "components", "messages", name, "headers"); err != nil {
		return fmt.Errorf("headers: %w", err)
	}
	if err := e.valid(payload, "components", "messages", name, "payload"); err != nil {
		return err
	}
	file, ours := e.files[name]
	if !ours {
		return nil // somebody else's, who has the file
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		return err
	}
	return file.Validate(value)
}
