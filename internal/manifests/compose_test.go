package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// TestCompose loads compose.yaml as docker compose does, and looks for what it
// names.
func TestCompose(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		project := compose(t, s)
		taken := map[string]string{}
		for name, service := range project.Services {
			if b := service.Build; b != nil && b.Dockerfile != "gateway/Dockerfile" {
				if _, err := os.Stat(filepath.Join(b.Context, b.Dockerfile)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if !service.ReadOnly || len(service.CapDrop) == 0 {
					t.Errorf("%s keeps rights", name)
				}
			}
			for _, v := range service.Volumes {
				if v.Type == types.VolumeTypeBind {
					if _, err := os.Stat(v.Source); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			for _, p := range service.Ports {
				if other := taken[p.Published]; other != "" {
					t.Errorf("%s and %s are both on port %s", other, name, p.Published)
				}
				taken[p.Published] = name
			}
			for variable, value := range service.Environment {
				if value == nil || !strings.HasSuffix(variable, "_URL") && variable != "OTEL_EXPORTER_OTLP_ENDPOINT" {
					continue
				}
				_, address, _ := strings.Cut(*value, "://")
				if _, after, found := strings.Cut(address, "@"); found {
					address = after
				}
				host, _, _ := strings.Cut(address, ":")
				if _, is := project.Services[host]; !is {
					t.Errorf("%s: %s: there is no %s", name, variable, host)
				}
			}
		}
	})
}
