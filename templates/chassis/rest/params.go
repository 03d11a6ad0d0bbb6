package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
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

// minVersion is the parameter that says how new what is read must be.
const minVersion = "minVersion"

func (p *params) minVersion() int64 {
	text := p.take(minVersion)
	if text == "" {
		return 0
	}
	version, ok := versionOf(text)
	if !ok {
		p.report(minVersion, strictjson.Type, "must be a version, a whole number")
	}
	return version
}

// pageNames are the parameters that say which page is meant.
var pageNames = inbound.PageNames{Cursor: "cursor", Search: "q", Sort: "sort", Limit: "limit"}

// isPageParameter tells of parameters that are never a field's, whatever the
// model calls its fields: they mean the same wherever rows are read.
func isPageParameter(name string) bool {
	switch name {
	case pageNames.Cursor, pageNames.Search, pageNames.Sort, pageNames.Limit, minVersion:
		return true
	}
	return false
}

// fieldPrefix is before the name of a field in a parameter that would be one
// of those.
const fieldPrefix = "row."

// filters takes the parameters that fields are filtered by, by the fields'
// names.
func (p *params) filters(columns map[string]string) url.Values {
	filters := url.Values{}
	for name, texts := range p.rest {
		field, prefixed := strings.CutPrefix(name, fieldPrefix)
		if _, ok := columns[field]; ok && isPageParameter(field) == prefixed {
			filters[field] = texts
			delete(p.rest, name)
		}
	}
	return filters
}

// page reads what says which page is meant. Columns are those of fields by
// their JSON names.
func (p *params) page(columns map[string]string) view.Query {
	return p.part(columns, inbound.PageRequest{Search: p.take(pageNames.Search), Sort: inbound.SplitList(p.take(pageNames.Sort))})
}

// part reads how much of a list is meant, and from where on.
func (p *params) part(columns map[string]string, asked inbound.PageRequest) view.Query {
	asked.Cursor = p.take(pageNames.Cursor)
	if text := p.take(pageNames.Limit); text != "" {
		limit, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			limit = 0 // which is none
		}
		asked.Limit = &limit
	}
	query, problems := asked.Query(columns, pageNames)
	p.problems = append(p.problems, problems...)
	return query
}

// versionOf reads a version as a parameter.
func versionOf(text string) (int64, bool) {
	version, err := strconv.ParseInt(text, 10, 64)
	return version, err == nil && version >= 0
}
