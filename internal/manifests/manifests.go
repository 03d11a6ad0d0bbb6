// Package manifests holds tests only: what esgen generates for containers and
// clusters is given to the libraries of those who will read it — Kubernetes,
// Kustomize, Compose, BuildKit, Prometheus — and run where that is possible.
//
// It knows esgen as a user does, by its command line, so that it has no
// dependencies in common with it.
package manifests
