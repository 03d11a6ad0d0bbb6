package values

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Claims are what else a token says of an actor, by name, as JSON has it. What it
// does not say, or says otherwise than it should, is absent.
type Claims map[string]any

// AsText is a claim that is a text.
func (c Claims) AsText(name string) *string {
	if text, ok := c[name].(string); ok {
		return &text
	}
	return nil
}

// AsID is a claim that is an ID.
func (c Claims) AsID(name string) *ID {
	if text := c.AsText(name); text != nil && ID(*text).Check() == nil {
		return new(ID(*text))
	}
	return nil
}

// AsInt is a claim that is a whole number, or the digits of one.
func (c Claims) AsInt(name string) *int64 {
	if n, err := strconv.ParseInt(c.digits(name), 10, 64); err == nil {
		return &n
	}
	return nil
}

func (c Claims) digits(name string) string {
	switch v := c[name].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// AsBool is a claim that is true or false.
func (c Claims) AsBool(name string) *bool {
	switch c[name] {
	case true, "true":
		return new(true)
	case false, "false":
		return new(false)
	}
	return nil
}

// AsTexts is a claim that is a list of texts, or words with blanks or commas between
// them.
func (c Claims) AsTexts(name string) []string {
	switch v := c[name].(type) {
	case string:
		return strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' })
	case []any:
		var texts []string
		for _, x := range v {
			if text, ok := x.(string); ok {
				texts = append(texts, text)
			}
		}
		return texts
	}
	return nil
}
