package assembly

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/kafka"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// Parked lets somebody decide about parked records; *kafka.Parked does.
type Parked interface {
	List(ctx context.Context, filter kafka.ParkedFilter) ([]kafka.ParkedRecord, error)
	Replay(ctx context.Context, filter kafka.ParkedFilter) (handled int, err error)
	Skip(ctx context.Context, filter kafka.ParkedFilter) (skipped int, err error)
}

// parkedFilter is a filter as parameters of a URL.
type parkedFilter struct {
	ID      *int64  `json:"id"`
	Handler *string `json:"handler"`
	Topic   *string `json:"topic"`
	Key     *string `json:"key"`
	Limit   *int    `json:"limit"`
	All     *bool   `json:"all"`
}

func (f parkedFilter) filter() kafka.ParkedFilter {
	return kafka.ParkedFilter{ID: orZero(f.ID), Handler: orZero(f.Handler), Topic: orZero(f.Topic), Key: orZero(f.Key), Limit: orZero(f.Limit)}
}

// narrow tells whether the filter is about less than everything.
func (f parkedFilter) narrow() bool {
	return f.ID != nil || f.Handler != nil || f.Topic != nil || f.Key != nil
}

func orZero[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// AddParked adds the routes by which somebody decides about parked records:
//
//	GET  /internal/parked?handler=&topic=&key=&id=&limit=
//	POST /internal/parked/replay?…   and /internal/parked/skip?…
//
// The latter want a filter, or all=true.
func AddParked(router *rest.Router, parked Parked) {
	filters, err := strictjson.For[parkedFilter](strictjson.Limits{})
	if err != nil {
		return // the type is above, and a test reads it
	}
	read := func(r *http.Request) (parkedFilter, error) {
		var f parkedFilter
		if problems := filters.Query(r.URL.Query(), &f); len(problems) > 0 {
			return f, &inbound.Problem{Status: http.StatusBadRequest, Code: inbound.CodeInvalid, Detail: "see errors", Errors: problems}
		}
		return f, nil
	}
	router.HandleInternal("GET /internal/parked", func(w http.ResponseWriter, r *http.Request) error {
		f, err := read(r)
		if err != nil {
			return err
		}
		records, err := parked.List(r.Context(), f.filter())
		if err != nil {
			return err
		}
		if records == nil {
			records = []kafka.ParkedRecord{}
		}
		return writeJSON(w, map[string]any{"items": records})
	})
	change := func(name string, do func(context.Context, kafka.ParkedFilter) (int, error)) {
		router.HandleInternal("POST /internal/parked/"+name, func(w http.ResponseWriter, r *http.Request) error {
			f, err := read(r)
			if err != nil {
				return err
			}
			if !f.narrow() && !orZero(f.All) {
				return &inbound.Problem{Status: http.StatusBadRequest, Code: inbound.CodeInvalid, Detail: "say which records, or all=true"}
			}
			count, err := do(r.Context(), f.filter())
			if err != nil {
				return err
			}
			return writeJSON(w, map[string]any{"count": count})
		})
	}
	change("replay", parked.Replay)
	change("skip", parked.Skip)
}

func writeJSON(w http.ResponseWriter, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(data)
	return err
}
