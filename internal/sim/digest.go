package sim

import (
	"hash/maphash"
	"time"

	"github.com/shopspring/decimal"

	"github.com/esgen/esgen/internal/expr"
	"github.com/esgen/esgen/model"
)

// seed makes digests those of this process: they are compared, never kept.
var seed = maphash.MakeSeed()

// text is the digest of a text.
func text(s string) uint64 { return maphash.String(seed, s) }

// mixed is a digest of digests, in their order.
func mixed(parts ...uint64) uint64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		h = (h ^ p) * 1099511628211
		h ^= h >> 29
	}
	return h
}

// DigestOf is the digest of a value: of equal ones it is the same, in this process.
func DigestOf(v any) uint64 {
	switch v := v.(type) {
	case nil:
		return 1
	case string:
		return text(v)
	case bool:
		if v {
			return 3
		}
		return 2
	case int64:
		return mixed(4, uint64(v))
	case time.Time:
		return mixed(5, uint64(v.UnixMicro()))
	case expr.Span:
		return mixed(6, uint64(v))
	case decimal.Decimal:
		return mixed(7, text(v.String()))
	case []any:
		h := uint64(8)
		for _, x := range v {
			h = mixed(h, DigestOf(x))
		}
		return h
	case map[string]any:
		h := uint64(9)
		for name, x := range v {
			h += mixed(text(name), DigestOf(x))
		}
		return h
	}
	return mixed(10, text(expr.Text(v)))
}

func handledDigest(at handledKey, h handling) uint64 {
	code := ""
	if h.refused != nil {
		code = h.refused.code
	}
	return mixed(text(at.scope), text(at.id), DigestOf(h.compensated), text(code))
}

// Digest tells worlds apart that can go on differently, among copies of one
// world: by their states, what is under way, and what was told. Of events it
// counts those that matter, besides what they left.
func (w *World) Digest(matters func(*model.Event) bool) uint64 {
	h := mixed(w.copied.handled, uint64(w.now.UnixMicro()))
	for n, s := range w.stores {
		if s != nil {
			h += mixed(uint64(n), s.digest())
		}
	}
	for n, t := range w.tables {
		if t != nil && !w.isBlind(t.view) {
			h += mixed(25, uint64(n), t.digest())
		}
	}
	for _, e := range w.log[w.copied.events:] {
		if matters(e.Event) {
			h += mixed(text(e.Event.Name), e.Digest())
		}
	}
	for _, c := range w.outside.contacts[w.copied.contacts:] {
		if !c.Repeat {
			h += mixed(text(c.Operation.Name), c.Digest())
		}
	}
	for node := range w.down.of {
		h += mixed(11, text(nodeName(node)))
	}
	for p := range w.erased.of {
		h += mixed(26, text(p.context.Name), text(p.id))
	}
	for _, d := range w.copied.dropped {
		h += mixed(12, text(d.Reaction.Do.Text), text(d.ID), text(d.Code))
	}
	for c, b := range w.breakers {
		h += mixed(13, text(c.Name), uint64(len(b.last)), uint64(b.until.UnixMicro()))
		for _, failed := range b.last {
			h += mixed(14, text(c.Name), DigestOf(failed))
		}
	}
	return h + w.tasks.digest() + w.clock.digest() + w.storiesDigest()
}

func nodeName(node any) string {
	switch x := node.(type) {
	case *model.Context:
		return "context " + x.Name
	case *model.External:
		return "external " + x.Name
	}
	return ""
}

// Digest tells apart what events say: of two of one kind it is the same when they
// say the same of the same instance, or create one that differs in its id alone.
func (h *Happened) Digest() uint64 {
	if h.digest == 0 {
		h.digest = mixed(15, DigestOf(h.Fields))
	}
	return h.digest
}

// Digest tells apart what requests ask.
func (c *Contact) Digest() uint64 {
	if c.digest == 0 {
		c.digest = mixed(16, DigestOf(c.Input))
	}
	return c.digest
}

func (s *store) digest() uint64 {
	if s.digested {
		return s.sum
	}
	h := uint64(0)
	for _, i := range s.instances {
		if i.digest == 0 {
			i.digest = mixed(text(i.id), uint64(i.version), DigestOf(i.gone), DigestOf(i.state),
				DigestOf(i.stamps.created.at), text(i.stamps.created.by), DigestOf(i.stamps.changed.at), text(i.stamps.changed.by))
		}
		h += i.digest
	}
	s.sum, s.digested = h, true
	return h
}

func (t *table) digest() uint64 {
	if t.digested {
		return t.sum
	}
	h := uint64(0)
	for key, row := range t.rows {
		s := t.known[key]
		h += mixed(text(key), DigestOf(row), DigestOf(s.created.at), text(s.created.by), DigestOf(s.changed.at), text(s.changed.by))
	}
	t.sum, t.digested = h, true
	return h
}

// digest tells apart what is under way: of each line in its order.
func (q *tasks) digest() uint64 {
	h := uint64(0)
	before := make(map[string]uint64, len(q.late)+len(q.ready))
	for _, list := range [][]*task{q.late, q.ready} {
		for _, t := range list {
			before[t.name] = mixed(17, before[t.name], text(t.key), text(t.about))
		}
	}
	for _, d := range before {
		h += d
	}
	for _, t := range q.waiting {
		h += mixed(18, text(t.key), text(t.about))
	}
	for why, list := range q.asleep {
		for _, t := range list {
			h += mixed(19, text(why), text(t.key), text(t.about))
		}
	}
	for key, list := range q.behind {
		d := mixed(20, text(key))
		for _, t := range list {
			d = mixed(d, text(t.about))
		}
		h += d
	}
	return h
}

func (c *clock) digest() uint64 {
	h := uint64(0)
	for _, a := range c.alarms {
		if !a.off {
			h += mixed(21, text(a.about), uint64(a.due.UnixMicro()))
		}
	}
	for _, a := range c.late {
		h += mixed(22, text(a.about), uint64(a.due.UnixMicro()), DigestOf(a.off))
	}
	for p, by := range c.off {
		for instance, at := range by {
			h += mixed(27, text(p.Name), text(instance), uint64(at.UnixMicro()))
		}
	}
	for p, by := range c.windows {
		for key, list := range by {
			d := mixed(23, text(p.Name), text(key))
			for _, s := range list {
				d = mixed(d, uint64(s.at.UnixMicro()), DigestOf(s.fields))
			}
			h += d
		}
	}
	return h
}

func (w *World) storiesDigest() uint64 {
	h := uint64(0)
	for _, st := range w.stories {
		d := mixed(24, text(st.event.ID), uint64(st.step), DigestOf(st.alone), DigestOf(st.pivoted), DigestOf(st.undoing),
			DigestOf(st.finished), text(st.why), DigestOf(st.data))
		for _, m := range st.open {
			d = mixed(d, uint64(m.nth), DigestOf(m.asked), text(m.target))
		}
		for _, m := range st.done {
			d = mixed(d, uint64(m.nth), DigestOf(m.unsure), text(m.target))
		}
		h += d
	}
	return h
}
