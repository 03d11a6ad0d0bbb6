package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/esgen/esgen/templates/chassis/command"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/values"
	"github.com/esgen/esgen/templates/chassis/view"
)

// Events adds the route of what happened to an instance, the oldest first, for
// those who may see its state: GET /orders/{id}/events, with ?limit= and ?cursor=,
// and ?minVersion= as of the state.
func Events[S any](r *Router, state ResourceRoute[S], events func(ctx context.Context, id values.ID, after int64, limit int) ([]command.Recorded, error)) {
	run := &eventsRunner[S]{router: r, resource: newResource(state), events: events}
	r.addPublic("GET "+state.Path+"/{id}/events", state.Actors, run.list)
}

// eventsRunner answers the route of what happened to an instance.
type eventsRunner[S any] struct {
	router   *Router
	resource inbound.Resource[S]
	events   func(ctx context.Context, id values.ID, after int64, limit int) ([]command.Recorded, error)
}

func (x *eventsRunner[S]) list(w http.ResponseWriter, r *http.Request, actor inbound.Actor) error {
	params := newParams(r)
	minVersion := params.minVersion()
	query := params.part(nil, inbound.PageRequest{})
	after, ok := int64(0), true
	if query.Cursor != "" {
		after, ok = versionOf(query.Cursor)
	}
	if !ok {
		params.report(pageNames.Cursor, strictjson.Format, "is no cursor")
	}
	if problems := params.done(); len(problems) > 0 {
		return inbound.Invalid(problems)
	}
	id := values.ID(r.PathValue("id"))
	if _, err := x.resource.Read(r.Context(), x.router.config, actor, id, "/id", minVersion); err != nil {
		return err
	}
	events, err := x.events(r.Context(), id, after, query.Limit+1)
	if err != nil {
		return err
	}
	page := view.Page[command.Recorded]{Rows: events}
	if len(events) > query.Limit {
		page.Rows = events[:query.Limit]
		page.Next = strconv.FormatInt(page.Rows[query.Limit-1].Version, 10)
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	return writePage(w, r, page, func(event command.Recorded) (json.RawMessage, error) { return values.Marshal(event) })
}
