package pact

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// rules say where something else than equality is asked for.
type rules struct {
	body, header, query, metadata category
	path, status                  *list // nil: equality
}

// category are the rules of a document, by path.
type category []entry

type entry struct {
	path []step
	list list
}

// list are the matchers of one path.
type list struct {
	any      bool // one of them is enough
	matchers []matcher
}

// matcher is one thing that is asked of a value. Which fields it has depends
// on its name.
type matcher struct {
	name     string
	regex    *regexp.Regexp
	text     string // of include and regex
	format   string // of date, time and datetime
	min, max *int
	status   func(int) bool
	statuses string    // the same in words
	each     []matcher // of eachKey and eachValue
	variants []variant // of arrayContains
}

// variant is an item that a list has to hold somewhere.
type variant struct {
	index int // of the item in the expected list
	rules category
}

// best is the list of matchers for a place. Cascaded: it is that of a place
// above. The heaviest path wins; the specification says how they are weighed:
// exact steps count twice as much as wildcards, and longer paths more.
func (c category) best(at location) (l *list, cascaded bool) {
	most := 0
	for i, e := range c {
		if w := weigh(e.path, at) * (len(e.path) + 1); w > most {
			most, l, cascaded = w, &c[i].list, len(e.path) < len(at)
		}
	}
	return l, cascaded
}

// ofKeys tells whether a matcher says itself which keys an object may have.
func (m matcher) ofKeys() bool {
	return m.name == "values" || m.name == "eachKey" || m.name == "eachValue"
}

// readRules reads the rules of a part.
func readRules(data json.RawMessage) (rules, error) {
	var r rules
	if len(data) == 0 || string(data) == "null" {
		return r, nil
	}
	var categories map[string]json.RawMessage
	if err := unmarshal(data, &categories); err != nil {
		return r, fmt.Errorf("matchingRules: %w", err)
	}
	for name, data := range categories {
		if err := r.add(name, data); err != nil {
			return r, fmt.Errorf("matchingRules.%s: %w", name, err)
		}
	}
	return r, nil
}

func (r *rules) add(name string, data json.RawMessage) error {
	var err error
	switch name {
	case "body", "content", "contents":
		r.body, err = readCategory(data)
	case "header":
		r.header, err = readCategory(data)
	case "query":
		r.query, err = readCategory(data)
	case "metadata":
		r.metadata, err = readCategory(data)
	case "path":
		r.path, err = readSingle(data)
	case "status":
		r.status, err = readSingle(data)
	default:
		if strings.HasPrefix(name, "$") {
			return errors.New("it is a rule of version 2 of the specification; versions 3 and 4 are known")
		}
		return errors.New("no such category: body, header, query, path, status and metadata are known")
	}
	return err
}

// readSingle reads the rules of something that has no parts.
func readSingle(data json.RawMessage) (*list, error) {
	c, err := readCategory(data)
	if err != nil || len(c) == 0 {
		return nil, err
	}
	return &c[0].list, nil
}

func readCategory(data json.RawMessage) (category, error) {
	var members map[string]json.RawMessage
	if err := unmarshal(data, &members); err != nil {
		return nil, err
	}
	if _, ok := members["matchers"]; ok {
		l, err := readList(data)
		return category{{list: l}}, err
	}
	var c category
	for _, text := range sortedKeys(members) {
		path, err := parsePath(text)
		if err != nil {
			return nil, err
		}
		l, err := readList(members[text])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		c = append(c, entry{path, l})
	}
	return c, nil
}

func readList(data json.RawMessage) (list, error) {
	var v struct {
		Combine  string            `json:"combine"`
		Matchers []json.RawMessage `json:"matchers"`
	}
	if err := unmarshal(data, &v); err != nil {
		return list{}, err
	}
	if len(v.Matchers) == 0 {
		return list{}, errors.New("matchers are missing")
	}
	l := list{any: strings.EqualFold(v.Combine, "or")}
	if !l.any && v.Combine != "" && !strings.EqualFold(v.Combine, "and") {
		return list{}, fmt.Errorf("combine is %q and must be AND or OR", v.Combine)
	}
	for _, data := range v.Matchers {
		m, err := readMatcher(data)
		if err != nil {
			return list{}, err
		}
		l.matchers = append(l.matchers, m)
	}
	return l, nil
}

// rule is a matcher as files have it.
type rule struct {
	Match     string          `json:"match"`
	Regex     *string         `json:"regex"`
	Value     json.RawMessage `json:"value"`
	Min       *int            `json:"min"`
	Max       *int            `json:"max"`
	Format    string          `json:"format"`
	Timestamp string          `json:"timestamp"` // version 3: the format
	Date      string          `json:"date"`
	Time      string          `json:"time"`
	Status    json.RawMessage `json:"status"`
	Rules     json.RawMessage `json:"rules"`
	Variants  []struct {
		Index int             `json:"index"`
		Rules json.RawMessage `json:"rules"`
	} `json:"variants"`
}

// names of matchers that files also call otherwise.
var otherNames = map[string]string{
	"": "type", "min-type": "type", "max-type": "type", "min": "type", "max": "type", "real": "decimal", "timestamp": "datetime",
	"array-contains": "arrayContains", "status-code": "statusCode", "not-empty": "notEmpty",
	"each-key": "eachKey", "each-value": "eachValue",
}

func readMatcher(data json.RawMessage) (matcher, error) {
	var r rule
	if err := unmarshal(data, &r); err != nil {
		return matcher{}, err
	}
	m := matcher{name: r.Match, min: r.Min, max: r.Max, format: r.Format}
	if m.name == "" && r.Regex != nil {
		m.name = "regex"
	}
	if m.name == "" && r.Min == nil && r.Max == nil {
		return m, errors.New("match is missing")
	}
	if name, ok := otherNames[m.name]; ok {
		m.name = name
	}
	var err error
	switch m.name {
	case "equality", "type", "number", "integer", "decimal", "boolean", "null", "notEmpty", "semver", "values":
	case "regex":
		if r.Regex == nil {
			return m, errors.New("regex: the member regex is missing")
		}
		// All of the text has to match: so the tools of the Pact foundation have it.
		m.text = *r.Regex
		if m.regex, err = regexp.Compile("^(?:" + m.text + ")$"); err != nil {
			return m, fmt.Errorf("regex: %w", err)
		}
	case "include":
		if err := json.Unmarshal(r.Value, &m.text); err != nil {
			return m, fmt.Errorf("%s: value must be a text", m.name)
		}
	case "date", "time", "datetime":
		m.format = firstOf(m.format, r.Timestamp, r.Date, r.Time, defaultFormats[m.name])
		m.regex, err = dateRegexp(m.format)
	case "statusCode":
		m.status, m.statuses, err = readStatus(r.Status)
	case "eachKey", "eachValue":
		m.each, err = readEach(r.Rules)
	case "arrayContains":
		err = m.readVariants(r)
	default:
		return m, fmt.Errorf("match is %q, which is not known here", r.Match)
	}
	return m, err
}

// readEach reads the rules of eachKey and eachValue.
func readEach(data json.RawMessage) ([]matcher, error) {
	var items []json.RawMessage
	if len(data) == 0 {
		return nil, nil
	}
	if err := unmarshal(data, &items); err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	var out []matcher
	for _, item := range items {
		m, err := readMatcher(item)
		if err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		out = append(out, m)
	}
	return out, nil
}

func (m *matcher) readVariants(r rule) error {
	if r.Variants == nil {
		return errors.New("arrayContains: variants are missing")
	}
	for _, v := range r.Variants {
		x := variant{index: v.Index}
		if len(v.Rules) > 0 {
			var err error
			if x.rules, err = readCategory(v.Rules); err != nil {
				return fmt.Errorf("variants: %w", err)
			}
		}
		m.variants = append(m.variants, x)
	}
	return nil
}

// classes are the groups of status codes by the names of the specification.
var classes = map[string][2]int{
	"info": {100, 199}, "success": {200, 299}, "redirect": {300, 399}, "clientError": {400, 499},
	"serverError": {500, 599}, "nonError": {100, 399}, "error": {400, 599},
}

func readStatus(data json.RawMessage) (fits func(int) bool, words string, err error) {
	if len(data) == 0 {
		data = json.RawMessage(`"success"`)
	}
	var codes []int
	if json.Unmarshal(data, &codes) == nil {
		return func(code int) bool { return slices.Contains(codes, code) }, fmt.Sprintf("one of %v", codes), nil
	}
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return nil, "", errors.New("statusCode: status must be a name or a list of codes")
	}
	class, ok := classes[name]
	if !ok {
		return nil, "", fmt.Errorf("statusCode: no status is %q", name)
	}
	return func(code int) bool { return class[0] <= code && code <= class[1] }, fmt.Sprintf("%d to %d", class[0], class[1]), nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
