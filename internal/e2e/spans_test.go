package e2e

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// spans are those that a system has exported (OTLP over HTTP).
type spans struct {
	url string

	mu   sync.Mutex
	seen map[string]map[string]bool // by trace: "service name"
}

// collect is where spans are exported to.
func collect(t *testing.T) *spans {
	t.Helper()
	s := &spans{seen: map[string]map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(data, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.add(&request)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// environ tells a service where spans go, and that they go soon.
func (s *spans) environ() []string {
	return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + s.url, "OTEL_BSP_SCHEDULE_DELAY=200"}
}

func (s *spans) add(request *collector.ExportTraceServiceRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		service := ""
		for _, a := range resource.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := hex.EncodeToString(span.GetTraceId())
				if s.seen[id] == nil {
					s.seen[id] = map[string]bool{}
				}
				s.seen[id][service+" "+span.GetName()] = true
			}
		}
	}
}

// missing reports which spans a trace does not have.
func (s *spans) missing(trace string, want ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var have []string
	for name := range s.seen[trace] {
		have = append(have, name)
	}
	var lacks []string
	for _, name := range want {
		if !s.seen[trace][name] {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	slices.Sort(have)
	return fmt.Errorf("there is no %s among\n%s", strings.Join(lacks, ", "), strings.Join(have, "\n"))
}
