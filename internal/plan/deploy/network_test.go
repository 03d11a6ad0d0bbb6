package deploy_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
)

// TestPoliciesAreTheEdgesOfTheModel finds out who has to talk to whom by the
// model alone, and compares with what the NetworkPolicies let through.
func TestPoliciesAreTheEdgesOfTheModel(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"../../../examples/*", "../../../testdata/models/*", "../../manifests/testdata/shop"} {
		dirs, err := filepath.Glob(pattern)
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no model is like %s: %v", pattern, err)
		}
		for _, dir := range dirs {
			if _, err := os.Stat(filepath.Join(dir, model.DocumentName)); err != nil {
				continue
			}
			t.Run(filepath.Base(dir), func(t *testing.T) {
				t.Parallel()
				checked := testsystem.Load(t, dir)
				want, got := edgesOf(checked.System), policies(t, checked)
				for _, e := range slices.Sorted(maps.Keys(want)) {
					if !got[e] {
						t.Errorf("the model needs %s, and no policy lets it through", e)
					}
				}
				for _, e := range slices.Sorted(maps.Keys(got)) {
					if !want[e] {
						t.Errorf("%s is let through, and the model does not need it", e)
					}
				}
			})
		}
	}
}

type set map[string]bool

func (s set) add(from, to string, port int) { s[fmt.Sprintf("%s -> %s:%d", from, to, port)] = true }

// edgesOf are the edges a model needs.
func edgesOf(sys *model.System) set {
	edges := set{}
	ingress := model.DefaultIngress.Namespace
	if sys.Deploy != nil {
		ingress = sys.Deploy.Ingress.Namespace
	}
	edges.add("namespace "+ingress, "gateway", 8080)
	edges.add("gateway", "outside", 443)
	if sys.Gateway != nil {
		for _, d := range sys.Gateway.Routes {
			if d.To.URL == "" {
				continue // a service: that is an edge anyhow
			}
			to, _ := url.Parse(d.To.URL)
			port := map[string]int{"http": 80, "https": 443}[to.Scheme]
			if to.Port() != "" {
				_, _ = fmt.Sscan(to.Port(), &port)
			}
			host := to.Hostname()
			if strings.Contains(host, ".") {
				host = "outside"
			}
			edges.add("gateway", host, port)
		}
	}
	for _, x := range sys.Contexts {
		if len(x.Aggregates)+len(x.Views)+len(x.Policies) == 0 {
			continue // a name only
		}
		self := names.Of(&x.Node).Kebab
		edges.add(self, "kafka", 9093)
		port := 5432
		if sys.Deployment(x).Database == model.MongoDB {
			port = 27017
		}
		edges.add(self, self+"-database", port)
		edges.add(self, "outside", 443) // the issuer of tokens, and external systems
		if asked(x) {
			edges.add("gateway", self, 8080)
		}
		if x.GRPC {
			edges.add("namespace "+ingress, self, 9090)
		}
		for _, a := range x.Aggregates {
			for _, m := range a.Commands {
				for _, call := range m.Calls {
					switch {
					case call.To.Command != nil:
						edges.add(self, names.Of(&call.To.Command.Aggregate.Context.Node).Kebab, 8081)
					case call.To.Query != nil:
						edges.add(self, names.Of(&call.To.Query.View.Context.Node).Kebab, 8081)
					}
				}
			}
		}
	}
	return edges
}

// asked reports whether an actor may ask a context for something.
func asked(x *model.Context) bool {
	return slices.ContainsFunc(x.Aggregates, func(a *model.Aggregate) bool {
		return slices.ContainsFunc(a.Commands, func(m *model.Command) bool { return len(m.Actors) > 0 })
	}) || slices.ContainsFunc(x.Views, func(v *model.View) bool {
		return len(v.Actors) > 0 || slices.ContainsFunc(v.Queries, func(q *model.Query) bool { return len(q.Actors) > 0 })
	})
}

// policy is a NetworkPolicy, as far as this test looks.
type policy struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		PodSelector selector `yaml:"podSelector"`
		PolicyTypes []string `yaml:"policyTypes"`
		Ingress     []struct {
			From  []peer
			Ports []port
		}
		Egress []struct {
			To    []peer
			Ports []port
		}
	}
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

type peer struct {
	PodSelector       *selector `yaml:"podSelector"`
	NamespaceSelector *selector `yaml:"namespaceSelector"`
	IPBlock           *struct {
		CIDR   string
		Except []string
	} `yaml:"ipBlock"`
}

type port struct {
	Port     int
	Protocol string
}

func (p peer) String() string {
	switch {
	case p.IPBlock != nil && len(p.IPBlock.Except) > 0:
		return "outside"
	case p.NamespaceSelector != nil:
		return "namespace " + p.NamespaceSelector.MatchLabels["kubernetes.io/metadata.name"]
	case p.PodSelector != nil:
		return p.PodSelector.MatchLabels["app.kubernetes.io/name"]
	}
	return "anybody"
}

// policies are the edges that the rendered policies let through: between two
// pods both must say so.
func policies(t *testing.T, m *check.Model) set {
	t.Helper()
	files := testsystem.Render(t, testsystem.Plan(t, m))
	out, in, ours, denied := set{}, set{}, set{}, false
	for _, f := range files {
		if dir, _ := filepath.Split(f.Path); dir != "deploy/kustomize/base/" {
			continue
		}
		for documents := yaml.NewDecoder(bytes.NewReader(f.Data)); ; {
			var x policy
			if err := documents.Decode(&x); errors.Is(err, io.EOF) {
				break
			} else if err != nil || x.Kind != "NetworkPolicy" {
				continue
			}
			if len(x.Spec.PolicyTypes) != 2 {
				t.Errorf("%s judges one direction only: %v", x.Metadata.Name, x.Spec.PolicyTypes)
			}
			self := x.Spec.PodSelector.MatchLabels["app.kubernetes.io/name"]
			if self == "" { // the one of all pods
				denied = len(x.Spec.Ingress) == 0 && len(x.Spec.Egress) == 1 && x.Spec.Egress[0].Ports[0].Port == 53 &&
					x.Spec.PodSelector.MatchLabels["app.kubernetes.io/part-of"] == m.Name
				continue
			}
			ours[self] = true
			for _, rule := range x.Spec.Ingress {
				for _, from := range rule.From {
					for _, at := range rule.Ports {
						in.add(from.String(), self, at.Port)
					}
				}
			}
			for _, rule := range x.Spec.Egress {
				for _, to := range rule.To {
					for _, at := range rule.Ports {
						out.add(self, to.String(), at.Port)
					}
				}
			}
		}
	}
	if !denied {
		t.Error("nothing denies what is not said")
	}
	both := set{}
	for e := range out {
		_, to, _ := strings.Cut(e, " -> ")
		to, _, _ = strings.Cut(to, ":")
		switch {
		case !ours[to]:
			both[e] = true
		case in[e]:
			both[e] = true
		default:
			t.Errorf("%s may be sent, and is not taken", e)
		}
	}
	for e := range in {
		from, _, _ := strings.Cut(e, " -> ")
		if !ours[from] {
			both[e] = true
		} else if !out[e] {
			t.Errorf("%s would be taken, and may not be sent", e)
		}
	}
	return both
}
