package pact

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/model"
)

// Rules say by path where something else than equality is asked for.
type Rules map[string]Matcher

// Matcher is what is asked of a value.
type Matcher struct {
	Match string `json:"match"`
	Regex string `json:"regex,omitempty"`
	Min   int    `json:"min,omitempty"`
}

// Forms of values, as docs/services.md has them.
const (
	decimalForm  = `^-?\d+(\.\d+)?$`
	dateForm     = `^\d{4}-\d{2}-\d{2}$`
	timeForm     = `^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$`
	durationForm = `^-?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?(\d+us)?$`
)

// ofType asks for a value of the same type of JSON.
var ofType = Matcher{Match: "type"}

// forms are what is asked of the scalars that have no form of their own in JSON.
var forms = map[contract.SchemaKind]Matcher{
	contract.Decimal:  {Match: "regex", Regex: decimalForm},
	contract.Date:     {Match: "regex", Regex: dateForm},
	contract.Time:     {Match: "regex", Regex: timeForm},
	contract.Duration: {Match: "regex", Regex: durationForm},
	contract.Int:      {Match: "integer"},
	contract.Bool:     {Match: "boolean"},
}

// ruler finds the rules of an example: its values stand for all of their type,
// but for those of enums that the consumer tells apart.
type ruler struct {
	rules    Rules
	compares map[*model.TypeDef][]string
}

// rulesFor are the rules of a value, as the interpreter has it, below a path.
func rulesFor(compares map[*model.TypeDef][]string, at string, s *contract.Schema, v any) Rules {
	r := ruler{Rules{}, compares}
	r.value(at, s, v)
	r.cascade(at)
	return r.rules
}

// cascade says once that types are what counts: a rule holds for all below it
// that has none of its own.
func (r ruler) cascade(at string) {
	before := len(r.rules)
	maps.DeleteFunc(r.rules, func(_ string, m Matcher) bool { return m == ofType })
	if len(r.rules) < before {
		r.rules[at] = ofType
	}
}

func (r ruler) value(at string, s *contract.Schema, v any) {
	switch v := v.(type) {
	case nil:
	case []any:
		r.list(at, s, v)
	case map[string]any:
		r.object(at, s, v)
	default:
		r.rules[at] = r.scalar(s, v)
	}
}

func (r ruler) list(at string, s *contract.Schema, v []any) {
	if len(v) == 0 || s.Items == nil {
		return // an empty list is none
	}
	r.rules[at] = Matcher{Match: "type", Min: 1}
	for _, x := range v {
		r.value(at+"[*]", s.Items, x)
	}
}

func (r ruler) object(at string, s *contract.Schema, v map[string]any) {
	if s.Kind == contract.Map {
		for _, x := range v {
			r.value(at+".*", s.Items, x)
		}
		return
	}
	for _, f := range s.Fields {
		r.value(at+"."+f.Name, f.Schema, v[f.Model.Name])
	}
}

// scalar is what is asked of a plain value.
func (r ruler) scalar(s *contract.Schema, v any) Matcher {
	if m, ok := forms[s.Kind]; ok {
		return m
	}
	if s.Kind != contract.Enum || s.Def == nil {
		return ofType
	}
	text := enumText(s, v)
	for _, told := range r.compares[s.Def] {
		if told == text {
			return Matcher{Match: "equality"}
		}
	}
	return oneOf(s.Values)
}

// oneOf asks for one of the values that an enum has now: in a state that is
// known, one that nobody has heard of is a surprise.
func oneOf(values []string) Matcher {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return Matcher{Match: "regex", Regex: "^(" + strings.Join(quoted, "|") + ")$"}
}

// enumText is a value of an enum, as in JSON.
func enumText(s *contract.Schema, v any) string {
	var text string
	_ = json.Unmarshal(s.JSON(v), &text) // it is a text
	return text
}
