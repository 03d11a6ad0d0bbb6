package inbound

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/view"
)

// PageRequest says which page of a list is meant.
type PageRequest struct {
	Cursor string
	Search string
	Sort   []string // names of fields, with a - to sort downwards
	Limit  *int64   // nil: the default
}

// PageNames are what a way in calls the parts of a PageRequest.
type PageNames struct{ Cursor, Search, Sort, Limit string }

// Bounds of what a page can be asked for.
const (
	maxCursor = 4096
	maxSearch = 200
	maxSort   = 8
)

// Query is the question for a page, or what is wrong with it. Columns are those
// of fields by their JSON names.
func (p PageRequest) Query(columns map[string]string, called PageNames) (view.Query, []strictjson.Problem) {
	query := view.Query{Limit: view.DefaultLimit, Cursor: p.Cursor, Search: p.Search}
	var problems []strictjson.Problem
	report := func(name, code, message string) {
		problems = append(problems, strictjson.Problem{Pointer: "/" + name, Code: code, Message: message})
	}
	if len(p.Cursor) > maxCursor || !Printable(p.Cursor) {
		report(called.Cursor, strictjson.Format, "is no cursor")
	}
	if utf8.RuneCountInString(p.Search) > maxSearch || !utf8.ValidString(p.Search) || strings.ContainsRune(p.Search, 0) {
		report(called.Search, strictjson.Text, "is too long, or no text")
	}
	if p.Limit != nil {
		if *p.Limit < 1 {
			report(called.Limit, strictjson.Type, "must be a whole number from 1 on")
		}
		query.Limit = int(min(*p.Limit, view.MaxLimit))
	}
	var ok bool
	if query.Sort, ok = sort(p.Sort, columns); !ok {
		report(called.Sort, strictjson.Unknown, "must be names of fields, each once, with a - to sort downwards")
	}
	return query, problems
}

// sort makes columns of names of fields.
func sort(names []string, columns map[string]string) ([]string, bool) {
	var sort []string
	for _, name := range names {
		field, descending := strings.CutPrefix(name, "-")
		column, ok := columns[field]
		if !ok || slices.Contains(sort, column) || slices.Contains(sort, "-"+column) || len(sort) == maxSort {
			return nil, false
		}
		if descending {
			column = "-" + column
		}
		sort = append(sort, column)
	}
	return sort, true
}
