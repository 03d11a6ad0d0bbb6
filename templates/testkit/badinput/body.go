package badinput

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// MaxBody is the largest body that a service takes unless it is told otherwise.
const MaxBody = 1 << 20

// body is what is wrong with a body as a whole.
func (m *maker) body() {
	good := m.good.Body
	required, some := false, ""
	for _, f := range m.fields {
		required = required || f.Required && f.outer()
		if some == "" && f.outer() {
			some = f.At
		}
	}
	for _, x := range []struct{ kind, body string }{
		{"blanks", "  \r\n\t"},
		{"a cut body", good[:len(good)/2]},
		{"a body without its end", good[:len(good)-1]},
		{"a body without its beginning", good[1:]},
		{"a body that begins only", "{"},
		{"no JSON", "hello"},
		{"a form in the body", "a=b&c=d"},
		{"XML", "<a>1</a>"},
		{"YAML", "a: 1"},
		{"a list for an object", "[" + good + "]"},
		{"an empty list", "[]"},
		{"text for an object", quoted(good)},
		{"a number for an object", "1"},
		{"true for an object", "true"},
		{"null for an object", "null"},
		{"two documents", good + good},
		{"two documents in lines", good + "\n" + good},
		{"garbage behind the document", good + "x"},
		{"NUL behind the document", good + "\x00"},
		{"a comma at the end", strings.TrimSuffix(good, "}") + ",}"},
		{"two commas", member(good, `,,"zzz":1`)},
		{"a comma at the beginning", "{," + good[1:]},
		{"a comment", good + "// zzz"},
		{"a comment inside", "{/* zzz */" + good[1:]},
		{"a byte order mark", "\ufeff" + good},
		{"NUL bytes", "\x00\x00\x00"},
		{"UTF-16", "\xff\xfe{\x00}\x00"},
		{"a binary body", "\x1f\x8b\x08\x00\x00\x00\x00\x00"},
		{"names in single quotes", member(good, `,'zzz':1`)},
		{"names without quotes", member(good, `,zzz:1`)},
		{"a number as name", member(good, `,1:1`)},
		{"a name without value", member(good, `,"zzz"`)},
		{"a name with two colons", member(good, `,"zzz"::1`)},
		{"an unknown name", member(good, `,"zzz":true`)},
		{"an unknown name of an object", member(good, `,"zzz":{"a":[1,2,{"b":null}]}`)},
		{"an empty name", member(good, `,"":1`)},
		{"the prototype", member(good, `,"__proto__":{"admin":true}`)},
		{"a name that is no UTF-8", member(good, ",\"z\xff\":1")},
		{"half a surrogate as name", member(good, `,"\ud800":1`)},
		{"NUL as name", member(good, `,"\u0000":1`)},
		{"a very long name", member(good, `,"`+strings.Repeat("z", 100_000)+`":1`)},
		{"ten thousand unknown names", member(good, strings.Repeat(`,"zzz":1`, 10_000))},
		{"lists too deep", member(good, `,"zzz":`+strings.Repeat("[", 100)+strings.Repeat("]", 100))},
		{"objects too deep", member(good, `,"zzz":`+strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100))},
		{"a hundred thousand open lists", strings.Repeat("[", 100_000)},
		{"a hundred thousand open objects", strings.Repeat(`{"a":`, 100_000)},
		{"a text without end", `{"` + strings.Repeat("z", 100_000)},
		{"a number without end", member(good, `,"zzz":`+strings.Repeat("9", 100_000))},
	} {
		m.add(x.kind, "", 400, func(c *Case) { c.Body = x.body })
	}
	if required {
		m.add("no body", "", 400, func(c *Case) { c.Body = "" })
		m.add("an empty object", "", 400, func(c *Case) { c.Body = "{}" })
	}
	if some != "" {
		name := some[1:]
		one := quoted(name) + ":" + valueAt(good, some)
		m.add("a name twice", some, 400, func(c *Case) { c.Body, c.Pointer = member(good, ","+one), some })
		escaped := `"\u` + hex4(name[0]) + strings.TrimPrefix(one, `"`+name[:1])
		m.add("a name twice, once escaped", some, 400, func(c *Case) { c.Body, c.Pointer = member(good, ","+escaped), some })
		if upper := strings.ToUpper(name); upper != name {
			m.add("a name in another case", some, 400, func(c *Case) {
				c.Body, c.Pointer = member(good, ","+quoted(upper)+":"+valueAt(good, some)), "/"+upper
			})
		}
		m.add("a blank behind a name", some, 400, func(c *Case) { c.Body = member(good, ","+quoted(name+" ")+":1") })
	}
	m.add("a body that is too large", "", 413, func(c *Case) { c.Length = MaxBody + 1 })
	m.add("a body that is much too large", "", 413, func(c *Case) { c.Length = 1 << 40 })
	m.add("a body that is too large and does not say so", "", 413, func(c *Case) {
		c.Body, c.Chunked = member(good, `,"zzz":"`+strings.Repeat("z", MaxBody)+`"`), true
	})
}

// field is what is wrong with a field of the body.
func (m *maker) field(f Field) {
	good := m.good.Body
	for _, v := range f.badJSON() {
		m.add(v.kind, f.At, 400, func(c *Case) {
			c.Body = replaced(good, f.At, v.text)
			if !v.vague {
				c.Pointer = f.At
			}
			if f.Kind == List && v.text == "[null]" {
				c.Pointer += "/0"
			}
		})
	}
	for _, v := range syntax {
		if v.text == "" && strings.HasSuffix(f.At, "/0") {
			continue // an empty list is one
		}
		m.add(v.kind, f.At, 400, func(c *Case) { c.Body = replaced(good, f.At, v.text) })
	}
	if f.Required {
		m.add("a field is missing", f.At, 400, func(c *Case) { c.Body, c.Pointer = without(good, f.At), f.At })
	}
	is := valueAt(good, f.At)
	switch f.Kind {
	case Object:
		m.add("an unknown field inside", f.At, 400, func(c *Case) {
			c.Body, c.Pointer = replaced(good, f.At, member(is, `,"zzz":1`)), f.At+"/zzz"
		})
	case Map:
		m.add("too many entries", f.At, 400, func(c *Case) {
			entry := strings.TrimPrefix(valueAt(good, f.At), "{")
			c.Body = replaced(good, f.At, "{"+many(strings.TrimSuffix(entry, "}"), 10_001)+"}")
		})
	case List:
		m.add("too many elements", f.At, 400, func(c *Case) {
			c.Body = replaced(good, f.At, "["+many(strings.Trim(is, "[]"), 10_001)+"]")
			if len(c.Body) > MaxBody {
				c.Status = 413
			}
		})
		m.add("an element missing", f.At, 400, func(c *Case) { c.Body = replaced(good, f.At, "[,]") })
		m.add("a comma behind the last element", f.At, 400, func(c *Case) {
			c.Body = replaced(good, f.At, strings.TrimSuffix(is, "]")+",]")
		})
		m.add("lists in a list", f.At, 400, func(c *Case) {
			c.Body = replaced(good, f.At, strings.Repeat("[", 1000)+strings.Repeat("]", 1000))
		})
	}
}

func many(s string, n int) string { return strings.TrimSuffix(strings.Repeat(s+",", n), ",") }

// member adds text to the members of an object.
func member(object, text string) string {
	inside := strings.TrimSuffix(object, "}")
	if inside == "{" {
		text = strings.TrimPrefix(text, ",")
	}
	return inside + text + "}"
}

// plain is a scalar as it stands in a URL.
func plain(value string) string {
	var text string
	if json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	return value
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		return `""` // a string is always JSON
	}
	return string(data)
}

func hex4(c byte) string {
	s := strconv.FormatInt(int64(c), 16)
	return strings.Repeat("0", 4-len(s)) + s
}

// mark stands where something is put that need not be JSON.
const mark = "\uE000put it here\uE000"

// replaced is a body in which one value is other text.
func replaced(body, pointer, text string) string {
	return strings.Replace(changed(body, pointer, func(any) any { return mark }), quoted(mark), text, 1)
}

// without is a body in which a field is missing.
func without(body, pointer string) string {
	return changed(body, pointer, func(any) any { return nil })
}

// valueAt is a value of a body, as JSON.
func valueAt(body, pointer string) string {
	var found any
	changed(body, pointer, func(v any) any { found = v; return v })
	return text(found)
}

// changed is a body in which one value is another one; nil: it is missing. What
// the pointer does not find is left as it is.
func changed(body, pointer string, change func(any) any) string {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return body
	}
	return text(changeIn(v, strings.Split(pointer, "/")[1:], change))
}

func changeIn(v any, path []string, change func(any) any) any {
	if len(path) == 0 {
		return change(v)
	}
	name := strings.NewReplacer("~1", "/", "~0", "~").Replace(path[0])
	switch v := v.(type) {
	case map[string]any:
		if is, ok := v[name]; ok {
			v[name] = changeIn(is, path[1:], change)
			if v[name] == nil {
				delete(v, name)
			}
		}
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i < len(v) {
			v[i] = changeIn(v[i], path[1:], change)
		}
	}
	return v
}

// text is a value as JSON, its characters as they are.
func text(v any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "null"
	}
	return strings.TrimSuffix(b.String(), "\n")
}
