package rest

import (
	"net/http"
	"net/url"
	"strconv"

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

// pageNames are the parameters that say which page is meant.
var pageNames = inbound.PageNames{Cursor: "cursor", Search: "q", Sort: "sort", Limit: "limit"}

// page reads what says which page is meant. Columns are those of fields by
// their JSON names; parameters that are taken mean something else here.
func (p *params) page(columns map[string]string, taken func(name string) bool) view.Query {
	take := func(name string) string {
		if taken != nil && taken(name) {
			return ""
		}
		return p.take(name)
	}
	asked := inbound.PageRequest{Cursor: take(pageNames.Cursor), Search: take(pageNames.Search), Sort: inbound.SplitList(take(pageNames.Sort))}
	if text := take(pageNames.Limit); text != "" {
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
