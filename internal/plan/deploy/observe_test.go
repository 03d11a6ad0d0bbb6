package deploy_test

import (
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/testsystem"
)

// TestSagasAreWatched: somebody is told of sagas that cannot go on, where there are
// sagas.
func TestSagasAreWatched(t *testing.T) {
	for model, want := range map[string]bool{"haulage": true, "clinic": false} {
		told := map[string]bool{}
		for _, f := range testsystem.Render(t, testsystem.Plan(t, testsystem.Load(t, "../../../testdata/models/"+model+"/esgen.yaml"))) {
			for _, path := range []string{"deploy/compose/alerts.yaml", "deploy/kustomize/components/monitoring/alerts.yaml", ".json"} {
				if strings.HasSuffix(f.Path, path) && strings.Contains(string(f.Data), "sagas_refused") {
					told[path] = true
				}
			}
		}
		if want && len(told) != 3 || !want && len(told) > 0 {
			t.Errorf("%s: sagas that cannot go on are told of in %v", model, told)
		}
	}
}
