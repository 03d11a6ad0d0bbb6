package inbound

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/view"
)

// View is a view as every way in shows it.
type View[R any] struct {
	Name   string
	Actors []string
	Rows   view.Reader[R]
	// Keys are the JSON names of the key's parts, in their order.
	Keys []string
	// Columns are the columns of fields by JSON name: what can be filtered and
	// sorted by.
	Columns map[string]string
	// Allow tells who may see a row. To the others the row is not there: it is
	// a 404, and left out of lists, whose pages are then shorter than their
	// limit. nil: every one of the actors.
	Allow func(row R, actor Actor) bool
}

// ViewRunner reads keys and filters of a view, and answers its rows.
type ViewRunner[R any] struct {
	View[R]
	fields *strictjson.Decoder[R] // of a row: the types of keys and filters
}

// Runner prepares a view to be read, or tells what is wrong with it.
func (v View[R]) Runner(limits strictjson.Limits) (*ViewRunner[R], error) {
	fields, err := strictjson.For[R](limits)
	if err != nil {
		return nil, err
	}
	return &ViewRunner[R]{v, fields}, nil
}

// Has tells whether a row has a field of that name in JSON.
func (v *ViewRunner[R]) Has(name string) bool { return v.fields.Has(name) }

// Row reads the row of a key, whose parts are text by their JSON names. With a
// minVersion above 0 it waits for it, at most for wait.
func (v *ViewRunner[R]) Row(ctx context.Context, key url.Values, minVersion int64, wait time.Duration) (R, error) {
	var none R
	found, problems := v.fields.Fields(key)
	if len(problems) > 0 {
		return none, Invalid(problems)
	}
	parts := make([]any, 0, len(v.Keys))
	for _, name := range v.Keys {
		parts = append(parts, found[name])
	}
	if minVersion > 0 {
		return v.Rows.GetAt(ctx, minVersion, wait, parts...)
	}
	return v.Rows.Get(ctx, parts...)
}

// Show lets an actor see a row: who may not see it shall not know of it.
func (v *ViewRunner[R]) Show(row R, actor Actor) error {
	if v.Allow != nil && !v.Allow(row, actor) {
		return view.ErrNotFound
	}
	return nil
}

// Filter makes a query ask for equality with fields, which are text by their
// JSON names.
func (v *ViewRunner[R]) Filter(query *view.Query, fields url.Values) []strictjson.Problem {
	_, problems := v.fields.Fields(fields)
	query.Filter = make(map[string]string, len(fields))
	for name := range fields {
		query.Filter[v.Columns[name]] = fields.Get(name)
	}
	return problems
}

// List reads those rows of a page that an actor may see.
func (v *ViewRunner[R]) List(ctx context.Context, actor Actor, query view.Query) (view.Page[R], error) {
	return list(ctx, actor, v.Rows, query, v.Allow)
}

// list reads a page, and leaves out what is not for the actor.
func list[R any](ctx context.Context, actor Actor, rows view.Reader[R], query view.Query, allow func(R, Actor) bool) (view.Page[R], error) {
	page, err := rows.Page(ctx, query)
	if err != nil || allow == nil {
		return page, err
	}
	all := page.Rows
	page.Rows = make([]R, 0, len(all))
	for _, row := range all {
		if allow(row, actor) {
			page.Rows = append(page.Rows, row)
		}
	}
	return page, nil
}

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
