package deploy

import (
	"fmt"
	"slices"

	"github.com/esgen/esgen/internal/quote"
)

// Alert is what somebody is to be told.
type Alert struct {
	Name, Expr, For, Severity, Summary, Description string
}

// Dashboard is a page of Grafana.
type Dashboard struct {
	Cluster *Cluster
	ID      string // file name and uid
	Title   quote.Text
	Panels  []Panel
}

// Panel is a graph of a dashboard.
type Panel struct {
	ID, X, Y, Width, Height int
	Title, About, Unit      string
	Series                  []Series
}

// Series is what a graph shows, in PromQL, and what each line is called.
type Series struct{ RefID, Expr, Legend string }

// Alerts are what must not go unnoticed. Numbers are a beginning: the rules
// are printed once per overlay, where they can be patched.
func (c *Cluster) Alerts() []Alert {
	in := fmt.Sprintf(`{namespace=%q}`, c.Namespace)
	failed := fmt.Sprintf(`{namespace=%q,http_response_status_code=~"5.."}`, c.Namespace)
	alerts := []Alert{
		{"ManyErrors", "sum by (job) (rate(http_server_request_duration_seconds_count" + failed + "[5m])) / sum by (job) (rate(http_server_request_duration_seconds_count" + in + "[5m])) > 0.05",
			"5m", "critical", "{{ $labels.job }} answers many requests with 5xx",
			"{{ $value | humanizePercentage }} of its requests failed in the last five minutes. Look at its log by trace id."},
		{"SlowRequests", "histogram_quantile(0.99, sum by (job, le) (rate(http_server_request_duration_seconds_bucket" + in + "[5m]))) > 1",
			"10m", "warning", "{{ $labels.job }} is slow",
			"One request in a hundred takes {{ $value | humanizeDuration }} or longer."},
		{"OutboxStuck", "max by (job) (outbox_oldest_seconds" + in + ") > 60",
			"2m", "critical", "{{ $labels.job }} does not publish its events",
			"The oldest has waited for {{ $value | humanizeDuration }}. Is the broker there, and may the service write its topics?"},
		{"ConsumerBehind", "max by (job) (consumer_lag_messages" + in + ") > 1000",
			"10m", "warning", "{{ $labels.job }} is behind",
			"{{ $value }} messages are not handled yet. More replicas help up to the number of partitions."},
		{"MessagesParked", "max by (job) (parked_messages" + in + ") > 0",
			"5m", "warning", "{{ $labels.job }} has messages that wait for a decision",
			"{{ $value }} messages are parked: GET /internal/parked at the internal address lists them, to be replayed or skipped."},
		{"NotReady", "min by (job, pod, instance) (service_ready" + in + ") == 0",
			"5m", "critical", "a replica of {{ $labels.job }} is not ready",
			"GET /readyz at the internal address of {{ $labels.instance }} says what it misses."},
		{"Down", "up" + in + " == 0",
			"2m", "critical", "a replica of {{ $labels.job }} does not answer",
			"{{ $labels.instance }} cannot be asked for its metrics."},
	}
	if c.tells() {
		alerts = append(alerts, Alert{"SagasRefused", "max by (job) (sagas_refused" + in + ") > 0",
			"5m", "warning", "{{ $labels.job }} has sagas that cannot go on",
			"{{ $value }} stories ask again and again for what is refused: GET /internal/sagas at the internal address tells which, and why."})
	}
	if c.asks() {
		alerts = append(alerts, Alert{"BreakerOpen", "max by (job, dependency) (dependency_breaker_state" + in + ") == 2",
			"1m", "warning", "{{ $labels.job }} does not get through to {{ $labels.dependency }}",
			"The circuit breaker is open: requests that need it are turned away, or answered by their fallback."})
	}
	return alerts
}

// asks reports whether some service asks others, or external systems.
func (c *Cluster) asks() bool {
	return slices.ContainsFunc(c.Services, func(w *Workload) bool { return len(w.Service.Dependencies) > 0 })
}

// tells reports whether some service has sagas.
func (c *Cluster) tells() bool {
	return slices.ContainsFunc(c.Services, func(w *Workload) bool { return len(w.Service.Sagas) > 0 })
}

// Dashboards are the pages of Grafana.
func (c *Cluster) Dashboards() []*Dashboard {
	in := `{namespace="$namespace",job=~"$job"}`
	failed := `{namespace="$namespace",job=~"$job",http_response_status_code=~"5.."}`
	quantile := func(q, metric string) string {
		return fmt.Sprintf("histogram_quantile(%s, sum by (job, le) (rate(%s_bucket%s[$__rate_interval])))", q, metric, in)
	}
	answers := []Panel{
		{Title: "Requests", Unit: "reqps", Series: []Series{{Expr: "sum by (job) (rate(http_server_request_duration_seconds_count" + in + "[$__rate_interval]))", Legend: "{{job}}"}}},
		{Title: "Answered with 5xx", Unit: "reqps", Series: []Series{{Expr: "sum by (job, http_response_status_code) (rate(http_server_request_duration_seconds_count" + failed + "[$__rate_interval]))", Legend: "{{job}} {{http_response_status_code}}"}}},
		{Title: "Time to answer", About: "Half of the requests, and all but one in a hundred, took less.", Unit: "s", Series: []Series{
			{Expr: quantile("0.5", "http_server_request_duration_seconds"), Legend: "{{job}} median"},
			{Expr: quantile("0.99", "http_server_request_duration_seconds"), Legend: "{{job}} 99 %"},
		}},
		{Title: "By route", Unit: "reqps", Series: []Series{{Expr: "sum by (job, http_request_method, http_route) (rate(http_server_request_duration_seconds_count" + in + "[$__rate_interval]))", Legend: "{{job}} {{http_request_method}} {{http_route}}"}}},
		{Title: "Processor", Unit: "none", Series: []Series{{Expr: "sum by (job) (rate(process_cpu_seconds_total" + in + "[$__rate_interval]))", Legend: "{{job}}"}}},
		{Title: "Memory", Unit: "bytes", Series: []Series{{Expr: "max by (job, instance) (process_resident_memory_bytes" + in + ")", Legend: "{{job}} {{instance}}"}}},
	}
	if c.asks() {
		answers = append(answers,
			Panel{Title: "Calls to others", About: "By dependency and result.", Unit: "reqps", Series: []Series{{Expr: "sum by (job, dependency, result) (rate(dependency_calls_total" + in + "[$__rate_interval]))", Legend: "{{job}} → {{dependency}}: {{result}}"}}},
			Panel{Title: "Circuit breakers", About: "0: closed, 1: half-open, 2: open.", Unit: "none", Series: []Series{{Expr: "max by (job, dependency) (dependency_breaker_state" + in + ")", Legend: "{{job}} → {{dependency}}"}}},
		)
	}
	requests := c.dashboard("requests", "requests", answers)
	handled := []Panel{
		{Title: "Outbox", About: "Messages that wait to be published.", Unit: "none", Series: []Series{{Expr: "max by (job) (outbox_messages" + in + ")", Legend: "{{job}}"}}},
		{Title: "Oldest in the outbox", Unit: "s", Series: []Series{{Expr: "max by (job) (outbox_oldest_seconds" + in + ")", Legend: "{{job}}"}}},
		{Title: "Behind", About: "Messages that are not handled yet.", Unit: "none", Series: []Series{{Expr: "max by (job) (consumer_lag_messages" + in + ")", Legend: "{{job}}"}}},
		{Title: "Parked", About: "Messages that wait for a decision.", Unit: "none", Series: []Series{{Expr: "max by (job) (parked_messages" + in + ")", Legend: "{{job}}"}}},
		{Title: "Handled", Unit: "cps", Series: []Series{{Expr: "sum by (job, handler, result) (rate(message_handling_seconds_count" + in + "[$__rate_interval]))", Legend: "{{job}} {{handler}}: {{result}}"}}},
		{Title: "Age when handled", About: "From the event to its effect: all but one in a hundred.", Unit: "s", Series: []Series{{Expr: quantile("0.99", "message_age_seconds"), Legend: "{{job}}"}}},
	}
	if c.tells() {
		handled = append(handled, Panel{Title: "Sagas", About: "Stories that are not over, and those of them that ask again and again for what is refused.", Unit: "none", Series: []Series{
			{Expr: "max by (job) (sagas_unfinished" + in + ")", Legend: "{{job}}"},
			{Expr: "max by (job) (sagas_refused" + in + ")", Legend: "{{job}} refused"},
		}})
	}
	return []*Dashboard{requests, c.dashboard("messages", "messages", handled)}
}

// dashboard puts panels in two columns.
func (c *Cluster) dashboard(id, about string, panels []Panel) *Dashboard {
	const width, height = 12, 8
	for i := range panels {
		p := &panels[i]
		p.ID, p.X, p.Y, p.Width, p.Height = i+1, i%2*width, i/2*height, width, height
		for j := range p.Series {
			p.Series[j].RefID = string(rune('A' + j))
		}
	}
	const longest = 40 // of Grafana's uids
	uid := id + "-" + c.System.ID
	return &Dashboard{Cluster: c, ID: uid[:min(len(uid), longest)], Title: c.System.Title + ": " + quote.Text(about), Panels: panels}
}
