package model

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/esgen/esgen/internal/source"
)

func TestDeployment(t *testing.T) {
	size := Quantity{Text: "1Gi", Milli: 1 << 30 * 1000}
	usual := Deployment{Replicas: 2, CPU: mustQuantity("100m"), Memory: mustQuantity("128Mi"), Database: Postgres}
	tests := map[string]struct {
		deploy string
		want   func(*Deployment)
	}{
		"nothing is said":             {"", func(*Deployment) {}},
		"defaults":                    {"deploy: {defaults: {replicas: 5, cpu: 1, memory: 1Gi}}", func(d *Deployment) { d.Replicas, d.CPU, d.Memory = 5, mustQuantity("1"), size }},
		"its own":                     {"deploy: {defaults: {replicas: 5}, contexts: {front: {replicas: 1}}}", func(d *Deployment) { d.Replicas = 1 }},
		"somebody else's":             {"deploy: {contexts: {back: {replicas: 1}}}", func(*Deployment) {}},
		"files":                       {"deploy: {contexts: {front: {files: 1Gi}}}", func(d *Deployment) { d.Files = &size }},
		"a scale that says it all":    {"deploy: {defaults: {scale: {min: 3, max: 9, targetCPU: 50, lag: 100}}}", func(d *Deployment) { d.Replicas, d.Scale = 3, &Scale{Min: 3, Max: 9, TargetCPU: 50, Lag: 100} }},
		"a scale that says the most":  {"deploy: {defaults: {scale: {max: 9}}}", func(d *Deployment) { d.Scale = &Scale{Min: 2, Max: 9, TargetCPU: 70} }},
		"a scale put together of two": {"deploy: {defaults: {scale: {min: 1, max: 9, lag: 5}}, contexts: {front: {scale: {max: 20}}}}", func(d *Deployment) { d.Replicas, d.Scale = 1, &Scale{Min: 1, Max: 20, TargetCPU: 70, Lag: 5} }},
		"it begins with more":         {"deploy: {contexts: {front: {replicas: 4, scale: {min: 1, max: 9}}}}", func(d *Deployment) { d.Replicas, d.Scale = 4, &Scale{Min: 1, Max: 9, TargetCPU: 70} }},
		"a scale that says nothing":   {"deploy: {contexts: {front: {replicas: 4, scale: {}}}}", func(d *Deployment) { d.Replicas, d.Scale = 4, &Scale{Min: 4, Max: 4, TargetCPU: 70} }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			sys := loadText(t, "esgen: v1\nsystem: shop\ncontexts: [front, back]\n"+tt.deploy+"\n")
			want := usual
			tt.want(&want)
			if diff := cmp.Diff(want, sys.Deployment(sys.Contexts[0]), cmpopts.IgnoreTypes(source.Pos{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestImagePrefix(t *testing.T) {
	for text, want := range map[string]bool{
		"registry.example": true, "registry.example/shop": true, "localhost:5000": true, "a.b/c-d/e_f/g.h__i": true, "eu.gcr.io/p": true,
		"https://registry.example": false, "Registry.example": false, "registry.example/": false, "registry.example/Shop": false, "a//b": false, "a/_b": false, "": false, "host:port": false,
	} {
		if isPrefix(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
