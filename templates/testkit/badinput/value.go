package badinput

import (
	"net/url"
	"strings"
)

// value is a bad value: JSON of a body, or escaped text of a URL.
type value struct {
	kind string
	text string
	// vague: it may also be refused as something else, elsewhere.
	vague bool
}

func (v value) status() int {
	if v.vague {
		return 0
	}
	return 400
}

// textual are the bad values of kinds that are text in JSON; what is refused as
// it is written in a URL as well.
var textual = map[Kind][]value{
	ID: {
		{kind: "an empty id", text: ""},
		{kind: "a very long id", text: strings.Repeat("x", 201)},
		{kind: "a long id of Korean", text: strings.Repeat("가", 67)},
		{kind: "an id with a line end", text: "a\nb"},
		{kind: "an id with a control character of Unicode", text: "a\u0085b"},
		{kind: "an id of two dots", text: "..", vague: true},
		{kind: "an id of a dot", text: ".", vague: true},
	},
	Decimal: {
		{kind: "no number", text: "NaN"},
		{kind: "infinity", text: "Infinity"},
		{kind: "infinity below zero", text: "-Inf"},
		{kind: "an exponent that exhausts memory", text: "1e999999999"},
		{kind: "an exponent that exhausts memory behind the point", text: "1e-999999999"},
		{kind: "an exponent beyond 64 bits", text: "1e99999999999999999999"},
		{kind: "a hexadecimal number", text: "0x1F"},
		{kind: "a decimal comma", text: "1,5"},
		{kind: "thousands apart", text: "1_000"},
		{kind: "an empty number", text: ""},
		{kind: "a number and a blank", text: " 1"},
		{kind: "a number and a unit", text: "1 KRW"},
		{kind: "two points", text: "1.2.3"},
		{kind: "two signs", text: "--1"},
		{kind: "digits of another script", text: "١٢"},
		{kind: "too many digits", text: "1234567890123456789012345678901234567890.5"},
		{kind: "a million digits", text: strings.Repeat("9", 100_000)},
	},
	Date: {
		{kind: "a thirteenth month", text: "2026-13-01"},
		{kind: "a thirtieth of February", text: "2026-02-30"},
		{kind: "a leap day of another year", text: "2027-02-29"},
		{kind: "a year zero", text: "0000-01-01"},
		{kind: "a year of five digits", text: "12026-01-01"},
		{kind: "a date in short", text: "2026-1-1"},
		{kind: "a date of another order", text: "01.12.2026"},
		{kind: "an empty date", text: ""},
		{kind: "a date with a time", text: "2026-12-01T00:00:00Z"},
		{kind: "a word for a date", text: "today"},
	},
	Time: {
		{kind: "a time without zone", text: "2026-12-01T09:00:00"},
		{kind: "a day for a time", text: "2026-12-01"},
		{kind: "a twenty-fifth hour", text: "2026-12-01T25:00:00Z"},
		{kind: "a sixty-first second", text: "2026-12-01T09:00:61Z"},
		{kind: "a time with a blank", text: "2026-12-01 09:00:00Z"},
		{kind: "a time with a comma", text: "2026-12-01T09:00:00,5Z"},
		{kind: "a zone that is nowhere", text: "2026-12-01T09:00:00+99:00"},
		{kind: "a zone by name", text: "2026-12-01T09:00:00 Asia/Seoul"},
		{kind: "seconds since 1970", text: "1790000000"},
		{kind: "a year that leaves the calendar", text: "9999-12-31T23:59:59-23:00"},
		{kind: "an empty time", text: ""},
		{kind: "a word for a time", text: "now"},
	},
	Duration: {
		{kind: "a duration without unit", text: "15"},
		{kind: "a unit that is none", text: "15parsecs"},
		{kind: "a duration of ISO 8601", text: "PT15M"},
		{kind: "a fraction of a duration", text: "1.5h"},
		{kind: "units in another order", text: "1m2h"},
		{kind: "a duration that is too long", text: "99999999999999d"},
		{kind: "a duration beyond 64 bits", text: "99999999999999999999s"},
		{kind: "an empty duration", text: ""},
		{kind: "a blank in a duration", text: "1h 30m"},
		{kind: "two signs before a duration", text: "--1h"},
	},
	Enum: {
		{kind: "no value of the enum", text: "Nonsense-Zzz"},
		{kind: "an empty value of the enum", text: ""},
		{kind: "a number as text for an enum", text: "0"},
	},
	Text: {},
}

// everyText are bad values of everything that is text.
var everyText = []value{
	{kind: "half a pair of surrogates", text: `"\ud800"`},
	{kind: "the other half of a pair", text: `"a\udc00b"`},
	{kind: "surrogates in disorder", text: `"\udc00\ud800"`},
	{kind: "NUL", text: `"a\u0000b"`},
	{kind: "a control character", text: `"a\u0007b"`},
	{kind: "an escape character", text: `"\u001b[2J"`},
	{kind: "a bad byte of UTF-8", text: "\"a\xffb\""},
	{kind: "UTF-8 that is cut", text: "\"\xec\xa3\""},
	{kind: "UTF-8 that is too long", text: "\"\xc0\xaf\""},
	{kind: "a surrogate in UTF-8", text: "\"\xed\xa0\x80\""},
}

// syntax is what is no JSON at all, in the place of any value.
var syntax = []value{
	{kind: "NaN", text: "NaN"},
	{kind: "Infinity", text: "-Infinity"},
	{kind: "a hexadecimal literal", text: "0x1F"},
	{kind: "a number with a zero before it", text: "01"},
	{kind: "a number with a plus", text: "+1"},
	{kind: "a number without digits before the point", text: ".5"},
	{kind: "a number without digits behind the point", text: "1."},
	{kind: "undefined", text: "undefined"},
	{kind: "a text in single quotes", text: "'x'"},
	{kind: "a line end in a text", text: "\"a\nb\""},
	{kind: "an unknown escape", text: `"\x41"`},
	{kind: "half an escape", text: `"\u12"`},
	{kind: "nothing", text: ""},
}

// numbers are bad values of an int.
var numbers = []value{
	{kind: "a fraction", text: "1.5"},
	{kind: "a whole number with a point", text: "1.0"},
	{kind: "a whole number with an exponent", text: "1e2"},
	{kind: "a number beyond 64 bits", text: "9223372036854775808"},
	{kind: "a number below 64 bits", text: "-9223372036854775809"},
	{kind: "a number beyond all", text: "1e400"},
	{kind: "a number of many digits", text: strings.Repeat("9", 10_000)},
}

// others are values of other kinds.
var others = map[string]value{
	"text":    {kind: "text", text: `"x"`},
	"number":  {kind: "a number", text: "1"},
	"boolean": {kind: "true", text: "true"},
	"list":    {kind: "a list", text: `[1]`},
	"object":  {kind: "an object", text: `{"$ne":1}`},
}

// takesJSON is what JSON has for a kind of values.
func (k Kind) takesJSON(what string) bool {
	switch k {
	case Bool:
		return what == "boolean"
	case Int:
		return what == "number"
	case Decimal:
		return what == "number" || what == "text"
	case List:
		return what == "list"
	case Map, Object:
		return what == "object"
	}
	return what == "text"
}

// badJSON are the bad values of a field of a body that are JSON.
func (f Field) badJSON() []value {
	var bad []value
	for _, what := range []string{"text", "number", "boolean", "list", "object"} {
		if !f.Kind.takesJSON(what) {
			bad = append(bad, value{kind: others[what].kind + " for " + string(f.Kind), text: others[what].text})
		}
	}
	if !f.Null {
		bad = append(bad, value{kind: "null for " + string(f.Kind), text: "null"})
	}
	switch f.Kind {
	case Bool:
		bad = append(bad, value{kind: "true as text", text: `"true"`}, value{kind: "one for true", text: "1"})
	case Int:
		bad = append(bad, numbers...)
		bad = append(bad, value{kind: "a number as text", text: `"1"`})
	case List:
		bad = append(bad, value{kind: "a list of nothing", text: "[null]"})
	case Map:
		bad = append(bad, value{kind: "a key of NUL", text: `{"\u0000":null}`, vague: true},
			value{kind: "a key that is no UTF-8", text: "{\"\xff\":null}", vague: true})
	case Object:
		bad = append(bad, value{kind: "a list of pairs", text: `[["a",1]]`})
	case Decimal:
		bad = append(bad, value{kind: "a number that exhausts memory", text: "1e999999999"},
			value{kind: "a number of too many digits", text: "0." + strings.Repeat("3", 50)})
	}
	for _, v := range textual[f.Kind] {
		bad = append(bad, value{kind: v.kind, text: quoted(v.text)})
	}
	if f.Kind.takesJSON("text") {
		bad = append(bad, everyText...)
	}
	if f.Refused != "" {
		// It is the object that checks its fields, and may be named in their place.
		bad = append(bad, value{kind: "a value that the model refuses", text: f.Refused, vague: true})
	}
	return bad
}

// badTexts are the bad values of a field in a URL.
func (f Field) badTexts() []value {
	var bad []value
	for _, v := range textual[f.Kind] {
		if v.text != "" && len(v.text) < 10_000 {
			bad = append(bad, value{kind: v.kind, text: strings.ReplaceAll(url.QueryEscape(v.text), "+", "%20"), vague: v.vague})
		}
	}
	switch f.Kind {
	case List, Map, Object:
		return nil
	case Int:
		for _, v := range numbers {
			bad = append(bad, value{kind: v.kind, text: v.text})
		}
		bad = append(bad, value{kind: "text for int", text: "x"}, value{kind: "a number with a plus", text: "%2B1"})
	case Bool:
		bad = append(bad, value{kind: "text for bool", text: "yes"}, value{kind: "one for true", text: "1"})
	}
	return append(bad,
		value{kind: "NUL", text: "a%00b"}, value{kind: "a control character", text: "%1b"}, value{kind: "a delete character", text: "%7f"},
		value{kind: "a bad byte of UTF-8", text: "%ff"}, value{kind: "UTF-8 that is too long", text: "%c0%ae%c0%ae"},
		value{kind: "a surrogate in UTF-8", text: "%ed%a0%80"})
}
