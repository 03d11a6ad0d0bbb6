package rest

import (
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/view"
	"github.com/esgen/esgen/templates/chassis/where"
)

// QueryRoute is a named query of a view: GET /views/<plural>/queries/<name>,
// the input as parameters, and pages as of a view. Internally it is answered
// to GET as well as to POST, which has the input in the body. No field of the
// input has the name of a parameter of the page.
type QueryRoute[I, R any] struct {
	Name   string
	Path   string // "/views/orders/queries/overdue"
	Actors []string
	// Where is the query's condition. It may panic with a *values.Fault.
	Where func(input I, actor inbound.Actor, now time.Time) where.Cond
	// Sort are the columns to sort by, unless the request says others.
	Sort []string
	// Allow tells who may see a row; nil: whoever may of the view.
	Allow func(row R, actor inbound.Actor) bool
	// Internal is the path at which other services ask,
	// "/internal/queries/Orders/overdue"; empty: none do.
	Internal string
}

// queryRunner answers the routes of a named query.
type queryRunner[I, R any] struct {
	router *Router
	of     ViewRoute[R]
	query  *inbound.QueryRunner[I, R]
	shape  shape
}

// Query adds the routes of a named query of a view.
func Query[I, R any](r *Router, of ViewRoute[R], route QueryRoute[I, R]) {
	runner, err := inbound.Query[I, R]{
		Name: route.Name, Actors: route.Actors, Where: route.Where, Sort: route.Sort, Allow: route.Allow,
	}.Runner(of.view(), r.config.Limits)
	if err != nil {
		r.fail("query %s: %w", route.Name, err)
		return
	}
	run := &queryRunner[I, R]{router: r, of: of, query: runner, shape: shapeOf(reflect.TypeFor[R]())}
	r.addPublic("GET "+route.Path, route.Actors, run.public)
	if route.Internal != "" {
		r.addInternal("GET "+route.Internal, run.internal)
		r.addInternal("POST "+route.Internal, run.internal)
	}
}

func (x *queryRunner[I, R]) public(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	query, err := x.ask(w, r, actor)
	if err != nil {
		return err
	}
	page, err := x.query.List(r.Context(), actor, query)
	if err != nil {
		return err
	}
	return writePage(w, r, page, func(row R) (json.RawMessage, error) {
		return x.shape.extend(row, append(stamped(x.of.Stamps, row), extra{"_links", hal(r, "", x.of.links(row))})...)
	})
}

func (x *queryRunner[I, R]) internal(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	query, err := x.ask(w, r, actor)
	if err != nil {
		return err
	}
	page, err := x.of.Rows.Page(r.Context(), query)
	if err != nil {
		return err
	}
	return writeRows(w, r, page)
}

// ask reads the input, and which page is meant.
func (x *queryRunner[I, R]) ask(w http.ResponseWriter, r *http.Request, actor inbound.Actor) (view.Query, error) {
	params := newParams(r)
	query := params.page(x.of.Columns)
	var input I
	problems := params.problems
	if r.Method == http.MethodPost {
		problems = params.done()
		data, err := x.router.readBody(w, r)
		if err != nil {
			return view.Query{}, err
		}
		problems = append(problems, x.query.Input.Decode(data, &input)...)
	} else {
		problems = append(problems, x.query.Input.Parameters(params.rest, &input)...)
	}
	if len(problems) > 0 {
		return view.Query{}, inbound.Invalid(problems)
	}
	return x.query.Ask(query, input, actor, x.router.config.Now())
}
