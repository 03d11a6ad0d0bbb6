package assembly

import (
	"context"
	"errors"
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

// parkedFilter are the parameters of a URL that filter.
type parkedFilter struct {
	ID      int64  `json:"id"`
	Handler string `json:"handler"`
	Topic   string `json:"topic"`
	Key     string `json:"key"`
	Limit   int    `json:"limit"`
	All     bool   `json:"all"`
}

// filterOf is the filter that the parameters of a URL say; narrow: it is about less than
// everything, or about everything because that is said.
func filterOf(found map[string]any) (f kafka.ParkedFilter, narrow bool) {
	f.ID, _ = found["id"].(int64)
	f.Handler, _ = found["handler"].(string)
	f.Topic, _ = found["topic"].(string)
	f.Key, _ = found["key"].(string)
	f.Limit, _ = found["limit"].(int)
	for _, name := range []string{"id", "handler", "topic", "key"} {
		narrow = narrow || found[name] != nil
	}
	return f, narrow || found["all"] == true
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
	read := func(r *http.Request) (f kafka.ParkedFilter, narrow bool, err error) {
		found, problems := filters.Fields(r.URL.Query())
		if len(problems) > 0 {
			return f, false, &inbound.Problem{Status: http.StatusBadRequest, Code: inbound.CodeInvalid, Detail: "see errors", Errors: problems}
		}
		f, narrow = filterOf(found)
		return f, narrow, nil
	}
	router.HandleInternal("GET /internal/parked", func(w http.ResponseWriter, r *http.Request) error {
		f, _, err := read(r)
		if err != nil {
			return err
		}
		records, err := parked.List(r.Context(), f)
		if err != nil {
			return err
		}
		return rest.WriteJSON(w, r, http.StatusOK, map[string]any{"items": records})
	})
	change := func(name string, do func(context.Context, kafka.ParkedFilter) (int, error)) {
		router.HandleInternal("POST /internal/parked/"+name, func(w http.ResponseWriter, r *http.Request) error {
			f, narrow, err := read(r)
			if err != nil {
				return err
			}
			if !narrow {
				return &inbound.Problem{Status: http.StatusBadRequest, Code: inbound.CodeInvalid, Detail: "say which records, or all=true"}
			}
			count, err := do(r.Context(), f)
			if err != nil {
				return err
			}
			return rest.WriteJSON(w, r, http.StatusOK, map[string]any{"count": count})
		})
	}
	change("replay", func(ctx context.Context, f kafka.ParkedFilter) (int, error) {
		count, err := parked.Replay(ctx, f)
		if errors.Is(err, kafka.ErrFailedAgain) {
			return count, nil // no failure of this request: who lists the records sees why
		}
		return count, err
	})
	change("skip", parked.Skip)
}
