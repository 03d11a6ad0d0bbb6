package services

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/esgen/esgen/internal/naming"
)

// Sourced is how an aggregate is kept whose events are the truth.
type Sourced struct {
	Table         string // of the events
	SnapshotEvery int    // events; 0: there are no snapshots
	Folding       string // tells apart how events are folded
	Path          string // of what happened to an instance
}

// sourced is nil where the state of the aggregate is kept.
func (a *Aggregate) sourced() *Sourced {
	if !a.Model.Sourced {
		return nil
	}
	return &Sourced{Table: naming.EventsTable(a.Model), SnapshotEvery: a.Model.Snapshot, Folding: a.folding(), Path: naming.EventsRoutes(a.Model)[0].Path}
}

// folding is a digest of what a state is made of its events by. What the state
// consists of, the service finds out by itself.
func (a *Aggregate) folding() string {
	var b strings.Builder
	print := func(what string, all []Assignment) {
		fmt.Fprintln(&b, what)
		for _, x := range all {
			fmt.Fprintln(&b, "", x.Go, x.Value)
		}
	}
	print("", a.Initial)
	for _, e := range a.Events {
		print(e.Type, e.Apply)
		for _, v := range e.Older {
			print(v.Name, v.Upcast)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:8])
}
