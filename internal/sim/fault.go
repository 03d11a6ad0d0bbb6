package sim

import "github.com/esgen/esgen/model"

// Down takes a context away: calls to it fail, and its policies, views and
// sagas wait until it is up.
func (w *World) Down(c *model.Context) { w.shut(c, c.Name) }

// Up brings a context back.
func (w *World) Up(c *model.Context) { w.open(c, c.Name) }

// DownExternal takes an external system away: it cannot be reached.
func (w *World) DownExternal(x *model.External) { w.shut(x, x.Name) }

// UpExternal brings an external system back.
func (w *World) UpExternal(x *model.External) { w.open(x, x.Name) }

// IsDown reports whether a context or an external system was taken away.
func (w *World) IsDown(node any) bool { return w.down.of[node] }

func (w *World) shut(node any, name string) {
	w.down.own()[node] = true
	w.lead(nil, &Effect{Kind: Breaks, Name: name, Of: node, Note: "is down"})
}

func (w *World) open(node any, name string) {
	delete(w.down.own(), node)
	w.lead(nil, &Effect{Kind: Breaks, Name: name, Of: node, Note: "is up"})
}
