package live

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/message"
)

// in reports whether an object has these values. It learns which ids stand for those
// that the scenario says.
func (v Values) in(object json.RawMessage, ids made) bool {
	var have map[string]any
	if decode(object, &have) != nil {
		return false
	}
	learned := maps.Clone(ids)
	for _, name := range slices.Sorted(maps.Keys(v)) {
		var want any
		if decode(v[name], &want) != nil || !learned.same(bare(want), bare(have[name])) {
			return false
		}
	}
	maps.Copy(ids, learned)
	return true
}

// bare is a value without members that are null: they may as well not be there.
func bare(v any) any {
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			v[i] = bare(x)
		}
	case map[string]any:
		for name, x := range v {
			if v[name] = bare(x); x == nil {
				delete(v, name)
			}
		}
	}
	return v
}

// decode reads JSON; numbers stay as they are written.
func decode(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(into)
}

func (v Values) String() string {
	parts := make([]string, 0, len(v))
	for _, name := range slices.Sorted(maps.Keys(v)) {
		parts = append(parts, name+": "+show(v[name]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func texts(list []json.RawMessage) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = show(x)
	}
	return out
}

// show is a value as a person writes it: {menuId: m1, quantity: 2}.
func show(data json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	text, err := shown(d)
	if err != nil {
		return string(data)
	}
	return text
}

func shown(d *json.Decoder) (string, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	switch token := token.(type) {
	case json.Delim:
		return shownAll(d, token)
	case string:
		return showText(token), nil
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(token), nil
	}
	number, _ := token.(json.Number)
	return number.String(), nil
}

// shownAll are the members of an object, or the items of a list. What services
// add to rows is left out, and so is what is not there.
func shownAll(d *json.Decoder, open json.Delim) (string, error) {
	var parts []string
	for d.More() {
		name := ""
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return "", err
			}
			name, _ = token.(string)
		}
		value, err := shown(d)
		switch {
		case err != nil:
			return "", err
		case open == '[':
			parts = append(parts, value)
		case name != "_links" && name != "meta" && value != "null":
			parts = append(parts, name+": "+value)
		}
	}
	end, err := d.Token()
	if err != nil {
		return "", err
	}
	closing, _ := end.(json.Delim)
	return open.String() + strings.Join(parts, ", ") + closing.String(), nil
}

// showText quotes a text where it would be taken for something else.
func showText(s string) string {
	if s == "" || s != strings.TrimSpace(s) || s == "null" || strings.ContainsAny(s, "\n\"{}[],:#") {
		return strconv.Quote(s)
	}
	return s
}

// chain draws events under those that they follow from, and what was asked of
// external systems.
func chain(events []message.Envelope, calls []call) string {
	known, leads := map[string]bool{}, map[string][]message.Envelope{}
	for _, e := range events {
		known[string(e.ID)] = true
	}
	for _, e := range events {
		cause := e.CausationID
		if !known[cause] {
			cause = ""
		}
		leads[cause] = append(leads[cause], e)
	}
	var b strings.Builder
	draw(&b, leads, "", "")
	for _, c := range calls {
		b.WriteString("call " + c.External + "." + c.Operation + " " + show(c.Input) + "\n")
	}
	return b.String()
}

func draw(b *strings.Builder, leads map[string][]message.Envelope, cause, indent string) {
	list := leads[cause]
	delete(leads, cause)
	for i, e := range list {
		branch, rest := "├─ ", "│  "
		if i == len(list)-1 {
			branch, rest = "└─ ", "   "
		}
		if cause == "" {
			branch, rest = "", ""
		}
		b.WriteString(indent + branch + "event " + e.Type + " " + show(e.Data) + "\n")
		draw(b, leads, string(e.ID), indent+rest)
	}
}
