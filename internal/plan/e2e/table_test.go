package e2e_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/testsystem"
	"github.com/esgen/esgen/model"
	"github.com/esgen/esgen/templates/testkit/live"
)

// What actors do are requests that the services answer, and what is expected is
// told of something that is there.
func TestTable(t *testing.T) {
	for _, of := range []string{"examples/library", "examples/fooddelivery", "testdata/models/launderette", "testdata/models/journey", "testdata/models/every-construct", "testdata/models/depot", "testdata/models/workshop"} {
		t.Run(of, func(t *testing.T) {
			p := testsystem.Plan(t, testsystem.Load(t, "../../../"+of+"/esgen.yaml"))
			routes := map[string][]gateway.Route{}
			topics := 0
			for _, s := range p.System.Services {
				routes[s.Dir] = gateway.PublicRoutes(s)
			}
			for _, s := range p.Table.Services {
				topics += len(s.Topics)
			}
			told := slices.DeleteFunc(slices.Clone(p.System.Model.Scenarios), (*model.Scenario).IsLate)
			if topics == 0 || len(p.Table.Scenarios) != len(told) {
				t.Fatalf("%d topics, %d scenarios of %d", topics, len(p.Table.Scenarios), len(told))
			}
			for _, s := range p.Table.Scenarios {
				if len(s.Steps) == 0 || s.At.File == "" || s.At.Line == 0 {
					t.Errorf("%s: %+v", s.Name, s)
				}
				for _, step := range s.Steps {
					if w := step.When; w != nil && w.Tells == nil {
						answered(t, routes[w.Service], w)
					}
					for _, x := range step.Eventually {
						if (x.Event == "") == (x.View == nil && x.State == nil && x.Called == nil) || x.Text == "" {
							t.Errorf("%s: %+v", s.Name, x)
						}
					}
				}
			}
		})
	}
}

// answered expects a route for a request.
func answered(t *testing.T, routes []gateway.Route, w *live.When) {
	t.Helper()
	if w.Inside {
		if !strings.HasPrefix(w.Path, "/internal/") {
			t.Errorf("%v: %s %s is not inside", w.At, w.Method, w.Path)
		}
		return
	}
	path, query, _ := strings.Cut(w.Path, "?")
	if _, err := url.ParseQuery(query); err != nil {
		t.Errorf("%v: %v", w.At, err)
	}
	if len(w.Body) > 0 && !json.Valid(w.Body) {
		t.Errorf("%v: %s", w.At, w.Body)
	}
	for _, r := range routes {
		want, got := strings.Split(r.Path, "/"), strings.Split(path, "/")
		same := r.Method == w.Method && len(want) == len(got)
		for i := 0; same && i < len(want); i++ {
			same = want[i] == got[i] || strings.HasPrefix(want[i], "{") && got[i] != ""
		}
		if same {
			return
		}
	}
	if !strings.Contains(path, "/internal/") { // what nobody may do has no route
		t.Errorf("%v: nobody answers %s %s", w.At, w.Method, w.Path)
	}
}
