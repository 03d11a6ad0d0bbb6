package deploy

import "strings"

// Paths are those whose change makes a new image, as filters of pipelines
// take them.
func (w *Workload) Paths() []string {
	var paths []string
	for _, s := range w.Sources {
		paths = append(paths, s+"/**")
	}
	return paths
}

// Part is what it is of the system: the directory of a context, or itself.
func (w *Workload) Part() string {
	if w.Service != nil {
		return w.Service.Dir
	}
	return w.Name
}

// Registry is the host that its image is pushed to; "": none is known.
func (w *Workload) Registry() string {
	host, _, found := strings.Cut(w.Image, "/")
	switch {
	case !found:
		return ""
	case !strings.ContainsAny(host, ".:"): // a name there, not a host
		return "docker.io"
	}
	return host
}

// Overlay is the environment that pipelines deploy to.
func (w *Workload) Overlay() string { return "deploy/kustomize/overlays/prod" }
