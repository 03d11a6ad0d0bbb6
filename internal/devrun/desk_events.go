package devrun

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// deskEvent is a message of the system, as the page shows it.
type deskEvent struct {
	Type    string `json:"type"`
	Note    string `json:"note,omitempty"` // id of the sticky note
	Subject string `json:"subject"`
	Time    string `json:"time"`
	Data    string `json:"data"`
	Trace   string `json:"trace,omitempty"` // id of the trace in which it happened
}

// changes tells the page what happens, from now on, as server-sent events.
func (s *System) changes(w http.ResponseWriter, r *http.Request) {
	client, err := kgo.NewClient(kgo.SeedBrokers(s.kafka), kgo.ConsumeTopics(s.topics()...), kgo.MetadataMinAge(200*time.Millisecond), kgo.MetadataMaxAge(time.Second),
		kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(time.Now().UnixMilli())))
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer client.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	_, _ = fmt.Fprint(w, ": here\n\n")
	for out.Flush() == nil {
		fetched := client.PollFetches(r.Context())
		if r.Context().Err() != nil || fetched.IsClientClosed() {
			return
		}
		fetched.EachRecord(func(record *kgo.Record) {
			if e := s.deskEvent(record); e.Type != "" {
				data, _ := json.Marshal(e) // it is all text
				_, _ = fmt.Fprintf(w, "event: happened\ndata: %s\n\n", data)
			}
		})
	}
}

// topics are those of all services.
func (s *System) topics() []string {
	var topics []string
	for _, v := range s.opts.System.Services {
		topics = append(topics, v.AllTopics...)
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

// traceID is the id of the trace that a traceparent of W3C names; "": it names none.
func traceID(parent string) string {
	parts := strings.Split(parent, "-")
	if len(parts) != 4 || strings.Trim(parts[1], "0") == "" {
		return ""
	}
	return parts[1]
}

func (s *System) deskEvent(record *kgo.Record) deskEvent {
	header := map[string]string{}
	for _, h := range record.Headers {
		header[h.Key] = string(h.Value)
	}
	e := deskEvent{Type: header["ce_type"], Subject: header["ce_subject"], Time: header["ce_time"], Data: string(record.Value), Trace: traceID(header["traceparent"])}
	for _, v := range s.desk.offers().Services {
		for _, m := range v.Messages {
			if m.Type == e.Type {
				e.Note = s.desk.wall().NoteID(m.Event)
			}
		}
	}
	return e
}
