package manifests

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// dashboard is what Grafana reads of one (schema version 39), as far as ours
// go; a key that is not here is an error.
type dashboard struct {
	UID           string            `json:"uid"`
	Title         string            `json:"title"`
	Tags          []string          `json:"tags"`
	SchemaVersion int               `json:"schemaVersion"`
	Editable      bool              `json:"editable"`
	Refresh       string            `json:"refresh"`
	Time          map[string]string `json:"time"`
	Templating    struct {
		List []struct {
			Name, Label, Type string
			Datasource        *struct{ Type, UID string }
			Query             json.RawMessage
			Refresh           int
			IncludeAll, Multi bool
			Current           json.RawMessage
		} `json:"list"`
	} `json:"templating"`
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ Type, UID string }
		GridPos                  struct{ X, Y, W, H int }
		FieldConfig              struct {
			Defaults struct {
				Unit string
				Min  int
			}
			Overrides []any
		}
		Targets []struct{ RefID, Expr, LegendFormat string }
	} `json:"panels"`
}

func (s system) dashboards(t *testing.T) []dashboard {
	t.Helper()
	var all []dashboard
	for _, path := range s.files(t, "deploy/kustomize/components/monitoring/dashboards", "*.json") {
		reader := json.NewDecoder(strings.NewReader(string(s.file(t, path))))
		reader.DisallowUnknownFields()
		var d dashboard
		if err := reader.Decode(&d); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, d)
	}
	return all
}

// variables of Grafana, as PromQL has something in their place.
var variables = strings.NewReplacer("$__rate_interval", "5m", "$namespace", "x", "$job", "x")

// expressions are all that is asked of Prometheus, and who asks.
func (s system) expressions(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, d := range s.dashboards(t) {
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				found[d.UID+", "+p.Title+", "+target.RefID] = variables.Replace(target.Expr)
			}
		}
	}
	for _, o := range decode(t, "alerts", s.file(t, "deploy/kustomize/components/monitoring/alerts.yaml")) {
		for _, g := range o.typed.(*v1.PrometheusRule).Spec.Groups {
			for _, r := range g.Rules {
				found["alert "+r.Alert] = r.Expr.String()
			}
		}
	}
	return found
}

// TestAlerts reads them as Prometheus does, templates included; compose and
// cluster have the same.
func TestAlerts(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		groups, errs := rulefmt.Parse(s.file(t, "deploy/compose/alerts.yaml"), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		var local, cluster []string
		for _, g := range groups.Groups {
			for _, r := range g.Rules {
				local = append(local, r.Alert+": "+r.Expr)
				if r.Labels["severity"] == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" || r.For == 0 {
					t.Errorf("%s does not say how bad it is, or what it is", r.Alert)
				}
			}
		}
		for _, o := range decode(t, "alerts", s.file(t, "deploy/kustomize/components/monitoring/alerts.yaml")) {
			for _, r := range o.typed.(*v1.PrometheusRule).Spec.Groups[0].Rules {
				cluster = append(cluster, r.Alert+": "+r.Expr.String())
			}
		}
		if len(local) == 0 || !slices.Equal(local, cluster) {
			t.Errorf("compose:\n%s\ncluster:\n%s", strings.Join(local, "\n"), strings.Join(cluster, "\n"))
		}
	})
}

// TestDashboards holds their form against what Grafana takes, and their PromQL
// against Prometheus.
func TestDashboards(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		uids := map[string]bool{}
		for _, d := range s.dashboards(t) {
			if uids[d.UID] || len(d.UID) > 40 || d.Title == "" || len(d.Panels) == 0 {
				t.Errorf("%s: %d letters, %q, %d panels", d.UID, len(d.UID), d.Title, len(d.Panels))
			}
			uids[d.UID] = true
			taken := map[[2]int]string{}
			for _, p := range d.Panels {
				if len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
					t.Errorf("%s: %s shows nothing, or is off the page", d.UID, p.Title)
				}
				for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
					for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
						if other := taken[[2]int{x, y}]; other != "" {
							t.Fatalf("%s: %s is upon %s", d.UID, p.Title, other)
						}
						taken[[2]int{x, y}] = p.Title
					}
				}
			}
		}
		for who, expr := range s.expressions(t) {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(expr); err != nil {
				t.Errorf("%s: %v\n%s", who, err, expr)
			}
		}
	})
}

// TestMetrics runs a system, uses it, and looks for every metric and label that
// alerts and dashboards speak of in what its services tell Prometheus.
func TestMetrics(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a system")
	}
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("the requests that esgen prints are for curl, which is not here")
	}
	s := generate(t, "fooddelivery", "../../examples/fooddelivery")
	told := scrape(t, s)
	for who, expr := range s.expressions(t) {
		tree, err := parser.NewParser(parser.Options{}).ParseExpr(expr)
		if err != nil {
			t.Fatal(err)
		}
		parser.Inspect(tree, func(node parser.Node, path []parser.Node) error {
			selector, is := node.(*parser.VectorSelector)
			if !is || selector.Name == "up" { // Prometheus' own
				return nil
			}
			names := told[selector.Name]
			if names == nil {
				t.Errorf("%s: no service tells %s", who, selector.Name)
				return nil
			}
			for _, m := range selector.LabelMatchers {
				known(t, who, selector.Name, m.Name, names)
			}
			for _, outer := range path {
				if a, is := outer.(*parser.AggregateExpr); is {
					for _, label := range a.Grouping {
						known(t, who, selector.Name, label, names)
					}
				}
			}
			return nil
		})
	}
}

// known: a metric has a label, or Prometheus gives it to what it reads.
func known(t *testing.T, who, metric, label string, names map[string]bool) {
	t.Helper()
	if label != model.MetricNameLabel && !names[label] && !slices.Contains([]string{"job", "instance", "pod", "namespace"}, label) {
		t.Errorf("%s: %s has no label %s", who, metric, label)
	}
}

var sample = regexp.MustCompile(`(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? `)

// scrape runs a system, sends it the requests that esgen prints, and returns
// the labels of the metrics of all its services.
func scrape(t *testing.T, s system) map[string]map[string]bool {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command(esgen, "run", s.model, "--out", home, "--port", "0", "--auth", "dev")
	var said lines
	cmd.Stdout, cmd.Stderr = &said, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	wait(t, 5*time.Minute, "it is not ready", func() bool { return strings.Contains(said.String(), " is ready at ") })
	for _, request := range strings.Split(strings.ReplaceAll(said.String(), "\\\n", ""), "\n") {
		if strings.HasPrefix(request, "curl ") {
			if err := command(".", "sh", "-c", request+" -s -o /dev/null --max-time 20"); err != nil {
				t.Fatal(err)
			}
		}
	}
	var ports map[string]int
	if err := json.Unmarshal(content(t, filepath.Join(home, ".esgen", "ports.json")), &ports); err != nil {
		t.Fatal(err)
	}
	told := map[string]map[string]bool{}
	wait(t, time.Minute, "no message is handled", func() bool {
		for name, port := range ports {
			if strings.HasSuffix(name, ".internal") {
				note(t, told, port)
			}
		}
		return told["message_age_seconds_bucket"] != nil
	})
	return told
}

// note takes down what the metrics of a service are called, and their labels.
func note(t *testing.T, told map[string]map[string]bool, port int) {
	t.Helper()
	response, err := http.Get("http://127.0.0.1:" + itoa(port) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range sample.FindAllStringSubmatch(string(data), -1) {
		if told[m[1]] == nil {
			told[m[1]] = map[string]bool{}
		}
		for _, label := range regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="`).FindAllStringSubmatch(m[2], -1) {
			told[m[1]][label[1]] = true
		}
	}
}
