package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

func start(t *testing.T, config telemetry.Config) (*telemetry.Telemetry, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	config.Out = &out
	tel, err := telemetry.Start(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tel.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return tel, &out
}

func metrics(tel *telemetry.Telemetry) string {
	w := httptest.NewRecorder()
	tel.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestLogsAreJSONWithTraces(t *testing.T) {
	tel, out := start(t, telemetry.Config{Service: "front"})
	ctx, span := tel.Tracer.Tracer("test").Start(context.Background(), "x")
	tel.Log.With("a", 1).WithGroup("g").InfoContext(ctx, "hello", telemetry.PII("phone", "010-1234-5678"))
	tel.Log.Debug("not told")
	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil {
		t.Fatal(out, err)
	}
	group, _ := record["g"].(map[string]any)
	if record["service"] != "front" || record["a"] != 1.0 || record["msg"] != "hello" || group["phone"] != telemetry.Redacted ||
		!strings.Contains(out.String(), span.SpanContext().TraceID().String()) || !strings.HasSuffix(record["time"].(string), "Z") {
		t.Error(out)
	}
}

func TestLevel(t *testing.T) {
	tel, out := start(t, telemetry.Config{Level: "error"})
	tel.Log.Warn("not told")
	if out.Len() > 0 {
		t.Error(out)
	}
	if _, err := telemetry.Start(context.Background(), telemetry.Config{Level: "loud"}); err == nil {
		t.Error("no error")
	}
}

func TestMetrics(t *testing.T) {
	tel, _ := start(t, telemetry.Config{Service: "front"})
	if err := tel.Gauge("outbox_backlog", "Messages.", func(context.Context) (float64, error) { return 7, nil }); err != nil {
		t.Fatal(err)
	}
	if err := tel.Gauge("broken", "Broken.", func(context.Context) (float64, error) { return 0, errors.New("no database") }); err != nil {
		t.Fatal(err)
	}
	got := metrics(tel)
	for _, want := range []string{"go_goroutines", "process_cpu_seconds_total", "outbox_backlog", "} 7", `service_name="front"`} {
		if !strings.Contains(got, want) {
			t.Errorf("there is no %s in\n%s", want, got)
		}
	}
}

func TestAroundContinuesTheTrace(t *testing.T) {
	tel, _ := start(t, telemetry.Config{})
	around, err := tel.Around()
	if err != nil {
		t.Fatal(err)
	}
	envelope := message.Envelope{
		Type: "front.order.OrderPlaced", Time: time.Now().Add(-time.Second),
		TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	}
	broken := errors.New("broken")
	err = around(context.Background(), "PrepareDelivery", envelope, func(ctx context.Context) error {
		if got := trace.SpanContextFromContext(ctx).TraceID().String(); got != "0af7651916cd43dd8448eb211c80319c" {
			t.Error(got)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	if got := metrics(tel); !strings.Contains(got, `event="OrderPlaced",handler="PrepareDelivery"`) || !strings.Contains(got, `result="failed"`) {
		t.Error(got)
	}
}

func TestExportsTraces(t *testing.T) {
	received := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case received <- r.URL.Path:
		default:
		}
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	tel, err := telemetry.Start(context.Background(), telemetry.Config{Service: "front", Out: &bytes.Buffer{}, OTLP: true})
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.Tracer.Tracer("test").Start(context.Background(), "x")
	span.End()
	if err := tel.Close(context.Background()); err != nil {
		t.Error(err)
	}
	select {
	case path := <-received:
		if path != "/v1/traces" {
			t.Error(path)
		}
	default:
		t.Error("nothing came")
	}
}
