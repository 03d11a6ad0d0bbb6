package standin

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/esgen/esgen/templates/chassis/strictjson"
)

// control adds what tests and people use: what was asked, and what to answer.
func (s *Server) control(mux *http.ServeMux) error {
	scripts, err := strictjson.For[Script](strictjson.Limits{})
	if err != nil {
		return err
	}
	script := func(change func(earlier []Script, now Script) []Script) http.HandlerFunc {
		return s.readScript(scripts, func(w http.ResponseWriter, r *http.Request, now Script) {
			s.setScript(w, r, func(earlier []Script) []Script { return change(earlier, now) })
		})
	}
	routes := map[string]http.HandlerFunc{
		"GET /livez": func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, map[string]string{"status": "live"}) },
		"GET /_calls": func(w http.ResponseWriter, r *http.Request) {
			query := r.URL.Query()
			found := s.calls.find(name{query.Get("external"), query.Get("operation")})
			writeJSON(w, map[string]any{"calls": found})
		},
		"DELETE /_calls": func(w http.ResponseWriter, _ *http.Request) {
			s.calls.forget()
			s.keys.forget()
			w.WriteHeader(http.StatusNoContent)
		},
		"PUT /_script/{external}/{operation}":  script(func(_ []Script, now Script) []Script { return []Script{now} }),
		"POST /_script/{external}/{operation}": script(func(earlier []Script, now Script) []Script { return append(earlier, now) }),
		"DELETE /_script/{external}/{operation}": func(w http.ResponseWriter, r *http.Request) {
			s.setScript(w, r, func([]Script) []Script { return nil })
		},
		"DELETE /_script":          func(http.ResponseWriter, *http.Request) { s.scripts.forget() },
		"PUT /_away/{external}":    func(_ http.ResponseWriter, r *http.Request) { s.scripts.leave(r.PathValue("external"), true) },
		"DELETE /_away/{external}": func(_ http.ResponseWriter, r *http.Request) { s.scripts.leave(r.PathValue("external"), false) },
	}
	for pattern, handler := range routes {
		if err := handle(mux, pattern, handler); err != nil {
			return err
		}
	}
	s.mux = mux
	return nil
}

// readScript reads the script of a request.
func (s *Server) readScript(scripts *strictjson.Decoder[Script], then func(w http.ResponseWriter, r *http.Request, now Script)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.limits.Body))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var script Script
		if problems := scripts.Decode(data, &script); len(problems) > 0 {
			w.WriteHeader(http.StatusBadRequest)
			writeJSON(w, map[string]any{"errors": problems})
			return
		}
		if script.Status != 0 && (script.Status < 200 || script.Status > 599) {
			http.Error(w, "status must be from 200 to 599", http.StatusBadRequest)
			return
		}
		then(w, r, script)
	}
}

func (s *Server) setScript(w http.ResponseWriter, r *http.Request, change func(earlier []Script) []Script) {
	if !s.scripts.set(name{r.PathValue("external"), r.PathValue("operation")}, change) {
		http.Error(w, "there is no such operation", http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func writeJSON(w http.ResponseWriter, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // who asked may be gone
}
