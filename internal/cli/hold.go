package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/esgen/esgen/internal/parallel"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/internal/tree"
)

// made is what the services were made of in a run.
func made(m *tree.Memory) map[string]plan.Made {
	out := make(map[string]plan.Made, len(m.Parts))
	for dir, part := range m.Parts {
		var of plan.Made
		if json.Unmarshal(part.Made, &of) == nil {
			out[dir] = of
		}
	}
	return out
}

// holding is the output directory while it is held against what is rendered.
type holding struct {
	*tree.Comparing
	last *tree.Memory

	mu    sync.Mutex // of what follows
	next  tree.Memory
	about map[string][]string // paths, by the directory of the service that they are about
}

// note remembers a file: of which service, and what it is made of.
func (h *holding) note(path, of, digest string, uses []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next.Drafts[path] = digest
	if len(uses) > 0 {
		h.next.Uses[path] = uses
	}
	if of != "" {
		part := h.next.Parts[of]
		part.Files = append(part.Files, path)
		h.next.Parts[of] = part
	}
}

// errMoved is that what the plan keeps is not there any more.
var errMoved = errors.New("the output is not as the last run left it")

// hold holds the directory against all files. They are staged, one by one, when
// all of them are to be written; and what was written from the same draft
// already, is not made again.
func (g generation) hold(ctx context.Context, planned *Planned, last *tree.Memory) (*holding, error) {
	g.progress("rendering")
	begin := tree.Begin
	if !g.looks() && g.context == "" {
		begin = tree.Stage
	}
	if !last.Holds() {
		last = &tree.Memory{}
	}
	held, err := begin(g.dir)
	if err != nil {
		return nil, err
	}
	h := &holding{Comparing: held, last: last, next: tree.Memory{Drafts: map[string]string{}, Uses: map[string][]string{}, Parts: map[string]tree.Part{}}, about: map[string][]string{}}
	before, err := h.keep(ctx, planned.Plan)
	if err == nil {
		err = render.Drafts(ctx, planned.Plan, planned.Pack, before, h.take)
	}
	if err != nil {
		held.Close()
		return nil, err
	}
	return h, nil
}

// keep takes the files of the services that the plan keeps.
func (h *holding) keep(ctx context.Context, p *plan.Plan) (map[string][]render.Before, error) {
	before := map[string][]render.Before{}
	var paths, of []string
	for dir := range p.Kept {
		for _, path := range h.last.Parts[dir].Files {
			before[dir] = append(before[dir], render.Before{Path: path, Uses: h.last.Uses[path]})
			paths, of = append(paths, path), append(of, dir)
		}
		if before[dir] == nil {
			return nil, errMoved
		}
	}
	return before, parallel.Each(ctx, len(paths), func(i int) error {
		path := paths[i]
		if !h.Stays(path) {
			return errMoved
		}
		h.note(path, of[i], h.last.Drafts[path], h.last.Uses[path])
		return nil
	})
}

// isAbout remembers which service a file is about, though it may be made of others,
// too.
func (h *holding) isAbout(path string, dirs ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, dir := range dirs {
		if dir != "" {
			h.about[dir] = append(h.about[dir], path)
		}
	}
}

// take holds a draft against the directory, and finishes it where it is a new one.
func (h *holding) take(d *render.Draft) error {
	h.isAbout(d.Path, d.Of, d.With)
	digest := d.Digest()
	if h.last.Drafts[d.Path] == digest && h.Keep(d.Path, d.Owner) {
		d.Uses = h.last.Uses[d.Path]
		h.note(d.Path, d.Of, digest, d.Uses)
		return nil
	}
	f, err := d.Finish()
	if err != nil {
		return err
	}
	h.note(d.Path, d.Of, digest, d.Uses)
	return h.Take(f)
}

// remember leaves word for the next run, after all has been written. That it
// cannot be left is not worth a word: the next run takes longer.
func (g generation) remember(path string, planned *Planned, h *holding, orphans bool) {
	maker := g.maker(path)
	if maker == "" || g.context != "" {
		return
	}
	m := h.next
	for dir, of := range planned.Plan.Made {
		part := m.Parts[dir]
		part.Made, _ = json.Marshal(of) // it is numbers and a text
		m.Parts[dir] = part
	}
	var plain, coloured bytes.Buffer
	// Nobody knows of packs before the model is read.
	if !orphans && planned.Pack.Digest() == "" && planned.earlier == g.dir && tell(&plain, planned.Said, false) == nil && tell(&coloured, planned.Said, true) == nil {
		f := planned.Model.Fingerprint()
		m.Inputs, m.Asked, m.Said = f.Digest, f.Included, [2]string{plain.String(), coloured.String()}
	}
	_ = m.Keep(g.dir, maker)
}
