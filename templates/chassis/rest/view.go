package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// ViewRoute is a view as routes.
//
// GET /views/<plural>/{key}… is one row; ?minVersion= waits for a short time.
// GET /views/<plural> is a page: ?<field>=value filters, ?sort=a,-b sorts,
// ?q= searches, ?limit= and ?cursor= page; Link and _links.next lead on. A
// field of one of these names, or minVersion, is filtered by as row.<field>.
type ViewRoute[R any] struct {
	Name string
	// Path is that of the list, "/views/orders".
	Path   string
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
	Allow func(row R, actor inbound.Actor) bool
	// Stamps tell when and by whom a row was created and last changed; nil: it
	// is not said.
	Stamps func(row *R) *values.Stamps
	// Links are further links of a row; nil: none.
	Links func(row R) Links
	// Internal is the path at which other services read the view,
	// "/internal/queries/Orders", and "/rows/{key}…" below it; empty: none do.
	// They see all rows.
	Internal string
}

// viewRunner answers the routes of a view.
type viewRunner[R any] struct {
	router *Router
	route  ViewRoute[R]
	view   *inbound.ViewRunner[R]
	shape  shape
	single string // pattern of the path of one row
}

func newViewRunner[R any](r *Router, route ViewRoute[R]) (*viewRunner[R], error) {
	runner, err := route.view().Runner(r.config.Limits)
	if err != nil {
		return nil, err
	}
	run := &viewRunner[R]{router: r, route: route, view: runner, shape: shapeOf(reflect.TypeFor[R]())}
	for _, key := range route.Keys {
		if !runner.Has(key) {
			return nil, fmt.Errorf("the key %s is no field of a row", key)
		}
		run.single += "/{" + key + "}"
	}
	return run, nil
}

// view is the view without what is HTTP's.
func (v ViewRoute[R]) view() inbound.View[R] {
	return inbound.View[R]{Name: v.Name, Actors: v.Actors, Rows: v.Rows, Keys: v.Keys, Columns: v.Columns, Allow: v.Allow}
}

// links are the further links of a row.
func (v ViewRoute[R]) links(row R) Links {
	if v.Links == nil {
		return nil
	}
	return v.Links(row)
}

// View adds the routes of a view.
func View[R any](r *Router, route ViewRoute[R]) {
	run, err := newViewRunner(r, route)
	if err != nil {
		r.fail("view %s: %w", route.Name, err)
		return
	}
	r.addPublic("GET "+route.Path, route.Actors, run.list)
	r.addPublic("GET "+route.Path+run.single, route.Actors, run.row)
	if route.Internal != "" {
		r.addInternal("GET "+route.Internal, run.internalList)
		r.addInternal("GET "+route.Internal+"/rows"+run.single, run.internalRow)
	}
}

func (x *viewRunner[R]) row(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	row, err := x.get(r)
	if err != nil {
		return err
	}
	if err := x.view.Show(row, actor); err != nil {
		return err
	}
	return x.answer(w, r, row)
}

func (x *viewRunner[R]) internalRow(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
	row, err := x.get(r)
	if err != nil {
		return err
	}
	return WriteJSON(w, r, http.StatusOK, row)
}

func (x *viewRunner[R]) answer(w http.ResponseWriter, r *http.Request, row R) error {
	body, err := x.shape.extend(row, append(stamped(x.route.Stamps, row), extra{"_links", hal(r, r.URL.EscapedPath(), x.route.links(row))})...)
	if err != nil {
		return err
	}
	tag := contentTag(body)
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, no-cache")
	if notModified(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return WriteJSON(w, r, http.StatusOK, body)
}

// get reads the row of the path.
func (x *viewRunner[R]) get(r *http.Request) (R, error) {
	var none R
	query := newParams(r)
	minVersion := query.minVersion()
	if problems := query.done(); len(problems) > 0 {
		return none, inbound.Invalid(problems)
	}
	key := url.Values{}
	for _, name := range x.route.Keys {
		key.Set(name, r.PathValue(name))
	}
	return x.view.Row(r.Context(), key, minVersion, x.router.config.Wait)
}

func (x *viewRunner[R]) list(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	query, err := x.query(r)
	if err != nil {
		return err
	}
	page, err := x.view.List(r.Context(), actor, query)
	if err != nil {
		return err
	}
	return writePage(w, r, page, func(row R) (json.RawMessage, error) { return x.item(r, row) })
}

// item is a row among others.
func (x *viewRunner[R]) item(r *http.Request, row R) (json.RawMessage, error) {
	self, err := x.pathOf(row)
	if err != nil {
		return nil, err
	}
	return x.shape.extend(row, append(stamped(x.route.Stamps, row), extra{"_links", hal(r, self, x.route.links(row))})...)
}

func (x *viewRunner[R]) internalList(w http.ResponseWriter, r *http.Request, _ inbound.Actor) error {
	query, err := x.query(r)
	if err != nil {
		return err
	}
	page, err := x.route.Rows.Page(r.Context(), query)
	if err != nil {
		return err
	}
	return writeRows(w, r, page)
}

// query reads what a list is asked for: each field of a row is a filter.
func (x *viewRunner[R]) query(r *http.Request) (view.Query, error) {
	params := newParams(r)
	query := params.page(x.route.Columns)
	filters := params.filters(x.route.Columns)
	problems := append(params.done(), x.filter(&query, filters)...)
	if len(problems) > 0 {
		return view.Query{}, inbound.Invalid(problems)
	}
	return query, nil
}

// filter has a query ask for fields, and tells what is wrong with them by the
// names of their parameters.
func (x *viewRunner[R]) filter(query *view.Query, fields url.Values) []strictjson.Problem {
	problems := x.view.Filter(query, fields)
	for i, p := range problems {
		if field := strings.TrimPrefix(p.Pointer, "/"); isPageParameter(field) {
			problems[i].Pointer = "/" + fieldPrefix + field
		}
	}
	return problems
}

// pathOf is where a row is read.
func (x *viewRunner[R]) pathOf(row R) (string, error) {
	path := x.route.Path
	for _, name := range x.route.Keys {
		text, err := x.shape.text(row, name)
		if err != nil {
			return "", err
		}
		path += "/" + url.PathEscape(text)
	}
	return path, nil
}
