package rest

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/esgen/esgen/templates/chassis/store"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/view"
)

// queryRunner answers the routes of a named query.
type queryRunner[I, R any] struct {
	router *Router
	route  QueryRoute[I, R]
	input  *strictjson.Decoder[I]
	shape  shape
}

func addQuery[I, R any](r *Router, route QueryRoute[I, R]) {
	input, err := strictjson.For[I](r.config.Limits)
	if err != nil {
		r.fail("query %s: %w", route.Name, err)
		return
	}
	if route.Where == nil {
		r.fail("query %s: Where must be there", route.Name)
		return
	}
	run := &queryRunner[I, R]{router: r, route: route, input: input, shape: shapeOf(reflect.TypeFor[R]())}
	r.addPublic("GET "+route.Path, route.Actors, run.public)
	if route.Internal != "" {
		r.addInternal("GET "+route.Internal, run.internal)
		r.addInternal("POST "+route.Internal, run.internal)
	}
}

func (x *queryRunner[I, R]) public(w http.ResponseWriter, r *http.Request, actor Actor) error {
	query, err := x.query(w, r, actor)
	if err != nil {
		return err
	}
	if x.route.Visible != nil {
		query.Where = store.And(query.Where, x.route.Visible(actor))
	}
	page, err := x.route.Rows.Page(r.Context(), x.route.DB, query)
	if err != nil {
		return err
	}
	allow := func(row R) bool { return x.route.Allow == nil || x.route.Allow(row, actor) }
	return writePage(w, r, page, allow, func(row R) (json.RawMessage, error) {
		var links Links
		if x.route.Links != nil {
			links = x.route.Links(row)
		}
		return x.shape.extend(row, extra{"_links", hal("", links)})
	})
}

func (x *queryRunner[I, R]) internal(w http.ResponseWriter, r *http.Request, actor Actor) error {
	query, err := x.query(w, r, actor)
	if err != nil {
		return err
	}
	page, err := x.route.Rows.Page(r.Context(), x.route.DB, query)
	if err != nil {
		return err
	}
	return writeRows(w, r, page)
}

func (x *queryRunner[I, R]) query(w http.ResponseWriter, r *http.Request, actor Actor) (view.Query, error) {
	params := newParams(r)
	query := params.page(x.route.Columns, x.input.Has)
	query.DefaultSort = x.route.Sort
	var input I
	problems := params.problems
	if r.Method == http.MethodPost {
		problems = params.done()
		data, err := x.router.readBody(w, r)
		if err != nil {
			return view.Query{}, err
		}
		problems = append(problems, x.input.Decode(data, &input)...)
	} else {
		problems = append(problems, x.input.Query(params.rest, &input)...)
	}
	if len(problems) > 0 {
		return view.Query{}, invalid(problems)
	}
	where, err := x.route.Where(input, actor)
	query.Where = where
	return query, err
}
