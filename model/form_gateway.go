package model

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// gatewayForm is the single way in from outside.
var gatewayForm = &form[Gateway]{
	what: "gateway",
	doc:  "The single way in from outside.",
	keys: []key[Gateway]{
		at("cors", "Origins of web pages that may ask: https://shop.example.", listOf(origin), func(g *Gateway) *[]Text { return &g.CORS }),
		at("rate", "How often one may ask.", one(limitsForm), func(g *Gateway) **Rate { return &g.Rate }),
		at("body", "The largest body of a request: 1Mi.", quantity("1Mi"), func(g *Gateway) *Quantity { return &g.Body }),
		at("timeout", "How long a request may take.", duration, func(g *Gateway) *time.Duration { return &g.Timeout }),
		at("routes", "Paths that lead to systems of before.", listOf(pointer(one(detourForm))), func(g *Gateway) *[]*Detour { return &g.Routes }),
	},
	done: func(_ decoder, g *Gateway, n *source.Node) { g.Pos = n.Pos },
}

// limitsForm says who may ask how often.
var limitsForm = &form[*Rate]{
	what: "rate",
	doc:  "How often one may ask.",
	keys: []key[*Rate]{
		at("perClient", "One person, or one address of somebody unknown: 50/s, 1000/m.", pointer(rate), func(r **Rate) **Rate { return r }),
	},
}

var detourForm = &form[Detour]{
	what: "route",
	doc:  "A path that leads to a system of before.",
	keys: []key[Detour]{
		must(at("path", "The path; /** at its end means everything below it, too.", detourPath, func(x *Detour) *Text { return &x.Path })),
		must(at("to", "URL of the system; the path is kept.", systemURL, func(x *Detour) *Text { return &x.To })),
	},
	done: func(_ decoder, x *Detour, n *source.Node) {
		x.Pos = n.Pos
		x.Path.Value, x.Prefix = strings.CutSuffix(x.Path.Value, "/**")
	},
}

// isURLText reports whether a text has those characters of URLs only that mean
// nothing to what URLs are put into: settings, patterns, tables.
var isURLText = regexp.MustCompile(`^[A-Za-z0-9:/._~%@\[\]-]+$`).MatchString

// origin reads the origin of a web page, as browsers tell it (RFC 6454).
var origin = scalar("an origin", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	u, err := url.Parse(n.Value)
	if err != nil || !isURLText(n.Value) || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.ToLower(n.Value) != u.Scheme+"://"+u.Host || n.Value != strings.ToLower(n.Value) {
		d.badValue(n.Pos, "%s: %q is no origin of a web page", d.place(), n.Value).
			With(diag.Fix("write scheme and host in small letters, and nothing behind them, like https://shop.example"))
		return false
	}
	*v = Text{n.Value, n.Pos}
	return true
})

// ratePeriods are the times of a rate.
var ratePeriods = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}

// rate reads so many requests in a time: 50/s.
var rate = scalar("a rate", TextShape, func(d decoder, v *Rate, n *source.Node) bool {
	text, unit, _ := strings.Cut(n.Value, "/")
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || ratePeriods[unit] == 0 {
		d.badValue(n.Pos, "%s: %q is no rate", d.place(), n.Value).With(diag.Fix("write it like 50/s, 1000/m or 10000/h"))
		return false
	}
	*v = Rate{n.Pos, count, ratePeriods[unit]}
	return true
})

// detourPath reads a path, or all that is below one.
var detourPath = scalar("a path", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	path := strings.TrimSuffix(n.Value, "/**")
	if n.Value != "/**" {
		if at, what := faultOfPath(path); what != "" {
			d.badValue(n.PosAt(at), "the path of %s %s", d.place(), what).With(diag.Fix("write it like /legacy/** or /prices"))
			return false
		}
	}
	if at := strings.IndexByte(path, '{'); at >= 0 || n.Value == "/" {
		d.badValue(n.PosAt(max(at, 0)), "the path of %s must be a fixed one", d.place()).With(diag.Fix("/** at the end of a path means everything below it"))
		return false
	}
	*v = Text{n.Value, n.Pos}
	return true
})

// systemURL reads where another system is.
var systemURL = scalar("a URL", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	u, err := url.Parse(n.Value)
	if err != nil || !isURLText(n.Value) || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.badValue(n.Pos, "%s: %q is not where a system is", d.place(), n.Value).
			With(diag.Fix("write it like http://legacy:8080"))
		return false
	}
	*v = Text{strings.TrimSuffix(n.Value, "/"), n.Pos}
	return true
})
