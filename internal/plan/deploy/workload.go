package deploy

import (
	"strconv"

	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Workload is what one image is built of, and how it runs: a service, the
// gateway, or the stand-ins.
type Workload struct {
	Cluster   *Cluster
	Service   *services.Service // nil: it is none
	Name      string            // of its objects and its host
	Title     quote.Text
	Component string // service, gateway, standin
	Image     string // without a tag

	Dir     string   // of its module, below go.work
	Main    string   // package of its program, in Dir
	Sources []string // directories it is made of, and tested with: a change there is a new image

	Replicas    int // of one that does not scale
	CPU, Memory string
	GoMemory    string // at which Go collects harder: nine tenths of Memory
	Scale       *model.Scale
	GRPC        bool      // it answers gRPC, too
	Files       string    // size of its volume; "": it has none
	Settings    []Setting // of its own
	Ingress     []Edge
	Egress      []Edge
}

// Aside is what it is called, where its name does not say it.
func (w *Workload) Aside() quote.Text {
	if w.Title == quote.Text(w.Name) {
		return ""
	}
	return w.Title
}

// size is how much of everything it gets.
func (w *Workload) size(d model.Deployment) {
	w.Replicas, w.CPU, w.Memory = d.Replicas, d.CPU.Text, d.Memory.Text
	w.GoMemory = strconv.FormatInt(d.Memory.Milli/1000*9/10/1024, 10) + "KiB"
	if d.Scale != nil {
		scale := *d.Scale
		w.Scale = &scale
	}
	if d.Files != nil {
		w.Files = d.Files.Text
	}
}

// ByLag reports whether its number of replicas follows the events it is
// behind.
func (w *Workload) ByLag() bool {
	return w.Scale != nil && w.Scale.Lag > 0 && w.Service != nil && len(w.Service.Topics) > 0
}

// ByCPU reports whether its number of replicas follows the processor alone.
func (w *Workload) ByCPU() bool { return w.Scale != nil && !w.ByLag() }

// Database is the host of its database, where Kubernetes or compose has one.
func (w *Workload) Database() string { return w.Name + "-database" }

// DatabasePort is where its database listens.
func (w *Workload) DatabasePort() int {
	if w.Service.Documents {
		return DocumentPort
	}
	return DatabasePort
}

// DatabaseURL is where its database is in development: one that lets anybody in who
// reaches it, or who has a password.
func (w *Workload) DatabaseURL(password string) string {
	at := w.Database() + ":" + strconv.Itoa(w.DatabasePort()) + "/" + w.Name
	if w.Service.Documents {
		return "mongodb://" + at + "?directConnection=true"
	}
	return "postgres://" + w.Name + ":" + password + "@" + at + "?sslmode=disable"
}

// Webhooks is the secret with what webhooks are signed with.
func (w *Workload) Webhooks() string { return naming.Webhooks(w.Name) }

// PersonalData is the secret with the master key of personal data.
func (w *Workload) PersonalData() string { return naming.PersonalData(w.Name) }

// InPython reports whether it is a service that is written in Python.
func (w *Workload) InPython() bool { return w.Service != nil && !w.Service.Go() }

// Language is what it is written in.
func (w *Workload) Language() model.WrittenIn {
	if w.InPython() {
		return model.InPython
	}
	return model.InGo
}

// Binary is what its program is called on a developer's machine.
func (w *Workload) Binary() string { return w.Name }

// PublicPort is where actors are served.
func (w *Workload) PublicPort() int { return PublicPort }

// InternalPort is where other services, probes and Prometheus are served.
func (w *Workload) InternalPort() int { return InternalPort }

// GRPCPort is where gRPC is served, where it is.
func (w *Workload) GRPCPort() int { return GRPCPort }

// User is whom it runs as.
func (w *Workload) User() int { return User }

// TerminationGrace is when it is killed, in seconds after it was told to stop.
func (w *Workload) TerminationGrace() int { return TerminationGrace }

// FilesDir is where the volume for files is.
func (w *Workload) FilesDir() string { return "/var/lib/files" }

// Exposed are its ports.
func (w *Workload) Exposed() []int {
	if w.Component == "standin" {
		return []int{StandinPort}
	}
	if w.GRPC {
		return []int{PublicPort, InternalPort, GRPCPort}
	}
	return []int{PublicPort, InternalPort}
}
