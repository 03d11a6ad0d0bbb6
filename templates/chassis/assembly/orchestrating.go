package assembly

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/orchestrator"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/telemetry"
	"github.com/esgen/esgen/templates/chassis/values"
)

// Orchestrating is the part of a service that has sagas.
func Orchestrating(sagas *orchestrator.Sagas) Part {
	return Part{
		Routes: func(router *rest.Router) { sagaRoutes(router, sagas) },
		Gauges: func(t *telemetry.Telemetry) error { return watchSagas(t, sagas) },
		Forget: sagas.Forget,
	}
}

// sagaRoutes adds the routes by which somebody sees the stories that are not
// over, and decides about them.
func sagaRoutes(router *rest.Router, sagas *orchestrator.Sagas) {
	router.HandleInternal("GET /internal/sagas", func(w http.ResponseWriter, r *http.Request) error {
		list, err := sagas.List(r.Context())
		if err != nil {
			return err
		}
		data, err := json.Marshal(map[string]any{"items": list})
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		_, err = w.Write(data)
		return err
	})
	decide := func(name string, do func(ctx context.Context, id values.ID) error) {
		router.HandleInternal("POST /internal/sagas/{id}/"+name, func(w http.ResponseWriter, r *http.Request) error {
			err := do(r.Context(), values.ID(r.PathValue("id")))
			switch {
			case errors.Is(err, orchestrator.ErrOver):
				return values.Reject(values.Missing, "NoSuchStory", err.Error())
			case errors.Is(err, orchestrator.ErrSure):
				return values.Reject(values.Conflict, "NoWayBack", err.Error())
			case err == nil:
				w.WriteHeader(http.StatusAccepted)
			}
			return err
		})
	}
	decide("resume", sagas.Resume)
	decide("compensate", sagas.TurnRound)
}

// watchSagas has measured how many stories are not over, and how many of them
// need somebody to look.
func watchSagas(t *telemetry.Telemetry, sagas *orchestrator.Sagas) error {
	return errors.Join(
		t.Gauge("sagas_unfinished", "Stories of sagas that are not over.", func(ctx context.Context) (float64, error) {
			n, _, err := sagas.Count(ctx)
			return float64(n), err
		}),
		t.Gauge("sagas_refused", "Stories of sagas that wait because what they ask for is refused again and again.", func(ctx context.Context) (float64, error) {
			_, n, err := sagas.Count(ctx)
			return float64(n), err
		}),
	)
}
