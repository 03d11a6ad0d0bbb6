package deploy

import (
	"path"
	"strings"

	"github.com/esgen/esgen/internal/quote"
)

// Paths are those whose change makes a new image, as filters of pipelines
// take them.
func (w *Workload) Paths() []string {
	if w.Alone() {
		return []string{"**"}
	}
	var paths []string
	for _, s := range w.Sources {
		paths = append(paths, s+"/**")
	}
	return paths
}

// Alone reports whether it is a repository of its own.
func (w *Workload) Alone() bool { return w.Cluster.System.Layout.Standalone }

// Home is its directory in its repository.
func (w *Workload) Home() string {
	if w.Alone() {
		return "."
	}
	return w.Dir
}

// In is where a file of it is in its repository.
func (w *Workload) In(file string) string { return path.Join(w.Home(), file) }

// Build is what compose builds its image of.
func (w *Workload) Build() string {
	if w.Alone() {
		return w.Dir
	}
	return "{context: ., dockerfile: " + w.In("Dockerfile") + "}"
}

// Team is whose it is, as GitHub knows it; "": nobody is known.
func (w *Workload) Team() string {
	if w.Service == nil {
		return ""
	}
	return quote.Owner(w.Service.Context.Team)
}

// Part is what it is of the system: the directory of a context, or itself.
func (w *Workload) Part() string {
	if w.Service != nil {
		return w.Service.Dir
	}
	return w.Name
}

// Registry is the host that images are pushed to; "": none is known.
func (c *Cluster) Registry() string {
	host, _, found := strings.Cut(c.Gateway.Image, "/")
	switch {
	case !found:
		return ""
	case !strings.ContainsAny(host, ".:"): // a name there, not a host
		return "docker.io"
	}
	return host
}

// Overlay is the environment that pipelines deploy to.
func (c *Cluster) Overlay() string { return "deploy/kustomize/overlays/prod" }
