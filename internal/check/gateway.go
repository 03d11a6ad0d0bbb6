package check

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// gatewayOwn are paths at which the gateway tells of itself.
var gatewayOwn = []string{"livez", "readyz", "openapi.json", "openapi.yaml"}

// way is a path of the gateway as requests are matched with it.
type way struct {
	parts  []string // "" for a placeholder
	prefix bool     // everything below it, too
	any    bool     // of all methods
	text   string
	pos    source.Pos
}

// gateway checks that every path of the gateway leads to one place: below the
// name of a context is its service, and nothing else.
func (c *checker) gateway() {
	var ways []way
	for _, x := range c.sys.Compositions {
		if x.HTTP != nil && len(x.Actors) > 0 {
			ways = append(ways, wayOf(x.HTTP.Path, false, x.HTTP.Pos))
		}
	}
	if c.sys.Gateway != nil {
		for _, x := range c.sys.Gateway.Routes {
			if !x.Path.Pos.IsValid() {
				continue // reported when it was read
			}
			w := wayOf(x.Path.Value, x.Prefix, x.Path.Pos)
			w.any = true
			ways = append(ways, w)
		}
	}
	for i, w := range ways {
		c.ownPath(w)
		for _, o := range ways[:i] {
			if w.collides(o) {
				c.say(rule.GatewayPath, w.pos, "a request could mean %s and %s", w.text, o.text).
					With(diag.At(o.pos, "%s here", o.text), diag.Fix("write another path for one of them"))
				break
			}
		}
	}
}

// ownPath checks that a path does not begin as those of a service, or of the
// gateway itself, do.
func (c *checker) ownPath(w way) {
	if w.parts[0] == "" {
		if !w.prefix { // a placeholder could be the name of any context
			c.say(rule.GatewayPath, w.pos, "%s begins with a placeholder, and paths of the gateway begin with a name", w.text).
				With(diag.Fix("put a word before it"))
		}
		return
	}
	if slices.Contains(gatewayOwn, w.parts[0]) {
		c.say(rule.GatewayPath, w.pos, "at /%s the gateway tells of itself", w.parts[0]).With(diag.Fix("write another path"))
	}
	for _, x := range c.sys.Contexts {
		if names.Of(&x.Node).Kebab == w.parts[0] {
			c.say(rule.GatewayPath, w.pos, "below /%s is the service of %s", w.parts[0], x.Name).
				With(diag.At(x.Pos, "the context"), diag.Fix("write a path that begins otherwise"))
		}
	}
}

func wayOf(text string, prefix bool, pos source.Pos) way {
	w := way{prefix: prefix, text: text, pos: pos}
	if prefix {
		w.text += "/**"
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(text, "/"), "/") {
		if strings.HasPrefix(part, "{") {
			part = ""
		}
		w.parts = append(w.parts, part)
	}
	return w
}

// collides reports whether there are requests that both match, and neither is
// the more exact one.
func (w way) collides(o way) bool {
	if w.parts[0] == "" || o.parts[0] == "" {
		return w.text == o.text // everything else leads there
	}
	short, long := w, o
	if len(short.parts) > len(long.parts) {
		short, long = long, short
	}
	if len(short.parts) < len(long.parts) && !short.prefix {
		return false
	}
	narrower, wider := false, false // long, where both have a part
	for i, part := range short.parts {
		switch other := long.parts[i]; {
		case part == other:
		case part == "":
			narrower = true
		case other == "":
			wider = true
		default:
			return false
		}
	}
	if len(short.parts) < len(long.parts) || short.prefix && !long.prefix {
		narrower = true
	} else if long.prefix && !short.prefix {
		wider = true
	}
	if w.any != o.any { // one of a single method is the more exact one
		if long.any {
			wider = true
		} else {
			narrower = true
		}
	}
	return narrower == wider
}
