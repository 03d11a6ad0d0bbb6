package given

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Answers answers the service's questions in place of all that it depends on,
// as the state's Replies say. A dependency's URL is that of the server, and
// behind it a / and its name. A question that the state says nothing about is
// told to unknown, which may be nil, and answered 501.
func (s *Service) Answers(unknown func(question string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		question := r.Method + " /" + path
		reply, ok := s.reply(name, question)
		if !ok {
			if unknown != nil {
				unknown(name + " " + question)
			}
			reply.Status = http.StatusNotImplemented
			reply.Body, _ = json.Marshal(map[string]any{ // texts and numbers can be encoded
				"status": reply.Status, "code": "not-given", "title": "the state does not say what " + name + " answers to " + question,
			})
		}
		if len(reply.Body) > 0 {
			w.Header().Set("Content-Type", contentType(reply.Status))
		}
		w.WriteHeader(reply.Status)
		_, _ = w.Write(reply.Body) // who asked may be gone
	})
}

func contentType(status int) string {
	if status >= http.StatusBadRequest {
		return "application/problem+json"
	}
	return "application/json"
}

func (s *Service) reply(name, question string) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	replies := s.state.Replies[name][question]
	if len(replies) == 0 {
		known, _ := s.known(s.state.Name)
		replies = known.Replies[name][question]
	}
	if len(replies) == 0 {
		return Reply{}, false
	}
	key := name + " " + question
	reply := replies[min(s.asked[key], len(replies)-1)]
	s.asked[key]++
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	return reply, true
}
