package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/view"
)

// params reads the parameters of a request that mean the same everywhere; what
// is left belongs to the route.
type params struct {
	rest     url.Values
	problems []strictjson.Problem
}

func newParams(r *http.Request) *params {
	query, err := url.ParseQuery(r.URL.RawQuery)
	p := &params{rest: query}
	if err != nil {
		p.report("", strictjson.Syntax, "the query of the URL is malformed")
	}
	return p
}

// take removes a parameter; empty: it is not there.
func (p *params) take(name string) string {
	texts := p.rest[name]
	delete(p.rest, name)
	if len(texts) == 0 {
		return ""
	}
	if len(texts) > 1 {
		p.report(name, strictjson.Duplicate, "is there twice")
	}
	return texts[0]
}

func (p *params) report(name, code, message string) {
	pointer := ""
	if name != "" {
		pointer = pointerTo(name)
	}
	p.problems = append(p.problems, strictjson.Problem{Pointer: pointer, Code: code, Message: message})
}

// done reports what nobody took.
func (p *params) done() []strictjson.Problem {
	return append(p.problems, unknownParameters(p.rest)...)
}

func (p *params) minVersion() int64 {
	text := p.take("minVersion")
	if text == "" {
		return 0
	}
	version, ok := versionOf(text)
	if !ok {
		p.report("minVersion", strictjson.Type, "must be a version, a whole number")
	}
	return version
}

// Bounds of what a page can be asked for.
const (
	maxCursor = 4096
	maxSearch = 200
	maxSort   = 8
)

// page reads what says which page is meant. Columns are those of fields by
// their JSON names; parameters that are taken mean something else here.
func (p *params) page(columns map[string]string, taken func(name string) bool) view.Query {
	take := func(name string) string {
		if taken != nil && taken(name) {
			return ""
		}
		return p.take(name)
	}
	query := view.Query{Limit: view.DefaultLimit, Cursor: take("cursor"), Search: take("q")}
	if len(query.Cursor) > maxCursor || !printableOrEmpty(query.Cursor) {
		p.report("cursor", strictjson.Format, "is no cursor")
	}
	if utf8.RuneCountInString(query.Search) > maxSearch || !utf8.ValidString(query.Search) || strings.ContainsRune(query.Search, 0) {
		p.report("q", strictjson.Text, "is too long, or no text")
	}
	if text := take("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil || limit < 1 {
			p.report("limit", strictjson.Type, "must be a whole number from 1 on")
		}
		query.Limit = min(limit, view.MaxLimit)
	}
	query.Sort = p.sort(take("sort"), columns)
	return query
}

func (p *params) sort(text string, columns map[string]string) []string {
	var sort []string
	for _, name := range splitList(text) {
		field, descending := strings.CutPrefix(name, "-")
		column, ok := columns[field]
		if !ok || slices.Contains(sort, column) || slices.Contains(sort, "-"+column) || len(sort) == maxSort {
			p.report("sort", strictjson.Unknown, "must be names of fields, each once, with a - to sort downwards")
			return nil
		}
		if descending {
			column = "-" + column
		}
		sort = append(sort, column)
	}
	return sort
}

func printableOrEmpty(s string) bool { return s == "" || printable(s) }
