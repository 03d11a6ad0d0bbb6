package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// What an external system tells is written as that system writes it: the other way
// round of what the service that takes it in does.

// tells is what the external system of an event says when it happens. By its place
// in the scenario it is known when it is told again.
func (w *writer) tells(e *model.Event, with []*model.Value, at live.Place) *live.Tells {
	m := &telling{called: e.ToldAs.Value, id: at.String(), header: map[string]string{}}
	given := w.values(with, e.Fields)
	fields := w.members(with, e.Fields)
	x := e.External
	m.key = keyOf(e, given)
	out := &live.Tells{}
	switch {
	case x.Topic == nil:
		out.Hook = w.hooks[e]
		m.says(x.Webhook.Told, e, fields)
	case x.Topic.Format == model.CloudEvents:
		out.Topic = x.Topic.Name.Value
		m.header = map[string]string{
			"ce_specversion": "1.0", "ce_id": m.id, "ce_source": "/" + names.Of(&x.Node).Kebab, "ce_type": m.called, "content-type": "application/json",
		}
		m.says(model.Told{}, e, fields)
	default:
		out.Topic = x.Topic.Name.Value
		m.says(x.Topic.Told, e, fields)
	}
	var err error
	if out.Body, err = json.Marshal(m.value); err != nil && w.err == nil {
		w.err = err
	}
	if out.Topic != "" {
		out.Key, out.Header = m.key, m.header
	}
	return out
}

// hooks are where the stand-ins have webhooks sent, by the events that these tell.
func hooks(sys *services.System) map[*model.Event]string {
	out := map[*model.Event]string{}
	for _, x := range sys.Webhooks() {
		for _, h := range x.Webhook.Paths {
			for _, told := range h.Told {
				if out[told.Model] = x.Name.Go; h.Event != "" {
					out[told.Model] += "/" + h.Event
				}
			}
		}
	}
	return out
}

// keyOf is what an external's event is ordered by; "" where nothing is said of that.
func keyOf(e *model.Event, fields map[string]any) string {
	if e.External == nil || e.External.Key.Value == "" {
		return ""
	}
	return fmt.Sprint(fields[e.External.Key.Value])
}

// telling is a message of an external system in the making.
type telling struct {
	called, id string
	value      any
	key        string
	header     map[string]string
}

// says puts everything where it is looked for.
func (m *telling) says(t model.Told, e *model.Event, fields live.Values) {
	data, elsewhere := map[string]any{}, map[string]json.RawMessage{}
	for name, v := range fields {
		data[name] = tree(v)
	}
	for _, d := range e.Drawn {
		name, spot := names.Of(&d.Field.Field.Node).JSON, d.From.Value
		if d.From.IsPointer() {
			spot = t.Data.Value + spot
		}
		if v, there := fields[name]; there {
			elsewhere[spot] = v
			delete(data, name)
		}
	}
	if t.Type.Value != "" {
		elsewhere[t.Type.Value] = text(m.called)
	}
	if t.ID.Value != "" {
		elsewhere[t.ID.Value] = text(m.id)
	}
	m.value = placed(nil, pointer(t.Data.Value), data)
	for _, spot := range slices.Sorted(maps.Keys(elsewhere)) { // what is within something comes after it
		m.put(spot, elsewhere[spot])
	}
}

// tree is a value that others can be put into.
func tree(value json.RawMessage) any {
	var v any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	_ = d.Decode(&v) // it was written by us
	return v
}

func text(s string) json.RawMessage {
	data, _ := json.Marshal(s) // a text always can be
	return data
}

// put puts a value into a place: a JSON Pointer, model.RecordKey, or the name of a
// header.
func (m *telling) put(spot string, value json.RawMessage) {
	switch {
	case strings.HasPrefix(spot, "/"):
		m.value = placed(m.value, pointer(spot), tree(value))
	case spot == model.RecordKey:
		m.key = contract.Plain(value)
	default:
		m.header[spot] = contract.Plain(value)
	}
}

// pointer are the parts of a JSON Pointer.
func pointer(spot string) []string {
	if spot == "" {
		return nil
	}
	parts := strings.Split(spot[1:], "/")
	for i, part := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
	}
	return parts
}

// placed is a value with another one in a place. What is counted on the way is a
// list, everything else an object.
func placed(in any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	n, err := strconv.Atoi(path[0])
	list, isList := in.([]any)
	if isList || in == nil && err == nil && n >= 0 {
		for len(list) <= n {
			list = append(list, nil)
		}
		list[n] = placed(list[n], path[1:], v)
		return list
	}
	object, _ := in.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = placed(object[path[0]], path[1:], v)
	return object
}
