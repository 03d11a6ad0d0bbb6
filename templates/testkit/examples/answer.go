package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
)

// comparison compares answers with those that are told: they may have more
// members, but those that are told are as they are told.
type comparison struct {
	known func(id string) bool // it was there before the answer
	loose bool                 // of numbers, times and what is true or not the form is what counts
}

// known tells what an example knows of before the answer.
func (x example) known(before json.RawMessage) func(id string) bool {
	all := slices.Concat([]byte(x.Request.Path), x.Request.Body, before)
	return func(id string) bool { return bytes.Contains(all, []byte(id)) }
}

func (c comparison) differences(told answer, status int, body []byte) []string {
	if status != told.Status {
		return []string{fmt.Sprintf("status: expected %d, got %d", told.Status, status)}
	}
	if len(told.Body) == 0 {
		return nil
	}
	var want, got any
	if err := json.Unmarshal(told.Body, &want); err != nil {
		return []string{fmt.Sprintf("the example is no JSON: %v", err)}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return []string{fmt.Sprintf("the answer is no JSON: %v", err)}
	}
	return c.values("$", want, got)
}

// made is what ids are called in scenarios that uuid() makes: services make
// others.
var made = regexp.MustCompile(`^id-\d+$`)

func (c comparison) made(id string) bool { return made.MatchString(id) && !c.known(id) }

// forms are those of texts that are numbers and times.
var forms = map[string]*regexp.Regexp{
	"decimal":  regexp.MustCompile(`^-?\d+(\.\d+)?$`),
	"date":     regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`),
	"time":     regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$`),
	"duration": regexp.MustCompile(`^-?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?(\d+us)?$`),
}

// form is the one that a text has; "": it is just text.
func form(text string) string {
	for name, f := range forms {
		if text != "" && f.MatchString(text) {
			return name
		}
	}
	return ""
}

func (c comparison) values(at string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			var wrong []string
			for _, name := range slices.Sorted(maps.Keys(want)) {
				wrong = append(wrong, c.values(at+"."+name, want[name], got[name])...)
			}
			return wrong
		}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			var wrong []string
			for n := range want {
				wrong = append(wrong, c.values(fmt.Sprintf("%s[%d]", at, n), want[n], got[n])...)
			}
			return wrong
		}
	case string:
		if got, ok := got.(string); ok && (c.made(want) && got != "" || c.loose && form(want) != "" && form(want) == form(got)) {
			return nil
		}
	case float64:
		if _, ok := got.(float64); ok && c.loose {
			return nil
		}
	case bool:
		if _, ok := got.(bool); ok && c.loose {
			return nil
		}
	}
	if reflect.DeepEqual(want, got) {
		return nil
	}
	return []string{fmt.Sprintf("%s: expected %s, got %s", at, show(want), show(got))}
}

func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
