package deploy

import "testing"

func TestRegistry(t *testing.T) {
	for image, want := range map[string]string{
		"shop-front": "", "registry.example/shop/shop-front": "registry.example", "localhost:5000/shop-front": "localhost:5000", "team/shop-front": "docker.io",
	} {
		if got := (&Cluster{Gateway: &Workload{Image: image}}).Registry(); got != want {
			t.Errorf("%s is pushed to %q, not %q", image, got, want)
		}
	}
}
