package deploy_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/templates"
)

// TestContainersKnowTheChassis: what manifests say of services, and services of
// themselves, is the same.
func TestContainersKnowTheChassis(t *testing.T) {
	for _, same := range []struct{ dir, text string }{
		{"assembly", fmt.Sprintf("const partitions = %d\n", deploy.Partitions)},
		{"service", fmt.Sprintf("`env:\"HTTP_ADDR\" envDefault:\":%d\"`", deploy.PublicPort)},
		{"service", fmt.Sprintf("`env:\"INTERNAL_ADDR\" envDefault:\":%d\"`", deploy.InternalPort)},
		{"service", fmt.Sprintf("`env:\"SHUTDOWN_GRACE\" envDefault:\"%ds\"`", deploy.ShutdownGrace)},
		{"kafka", `forever := "-1"`},
	} {
		found := false
		files, err := fs.Glob(templates.Chassis(), same.dir+"/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", same.dir, err)
		}
		for _, file := range files {
			data, err := fs.ReadFile(templates.Chassis(), file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(data), same.text)
		}
		if !found {
			t.Errorf("nowhere in %s stands %s", same.dir, same.text)
		}
	}
	main, err := fs.ReadFile(templates.Builtin(), "pack/service/_assembly.tmpl")
	if want := fmt.Sprintf("`env:\"GRPC_ADDR\" envDefault:\":%d\"`", deploy.GRPCPort); err != nil || !strings.Contains(string(main), want) {
		t.Errorf("the main of services does not say %s: %v", want, err)
	}
}
