package model

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// gatewayForm is the single way in from outside.
var gatewayForm = &form[Gateway]{
	what: "gateway",
	doc:  "The single way in from outside.",
	keys: []key[Gateway]{
		at("cors", "Origins of web pages that may ask: https://shop.example; *: all.", listOf(origin), func(g *Gateway) *[]Text { return &g.CORS }),
		at("rate", "How often one may ask.", one(limitsForm), func(g *Gateway) **Rate { return &g.Rate }),
		at("body", "The largest body of a request: 1Mi.", quantity("1Mi"), func(g *Gateway) *Quantity { return &g.Body }),
		at("timeout", "How long a request may take.", duration, func(g *Gateway) *time.Duration { return &g.Timeout }),
		at("routes", "Paths of one's own choosing: to systems of before, and to what services answer.", listOf(pointer(one(routeForm))), func(g *Gateway) *[]*GatewayRoute { return &g.Routes }),
	},
	done: func(d decoder, g *Gateway, n *source.Node) {
		g.Pos = n.Pos
		for _, o := range g.CORS {
			if o.Value == AnyOrigin && len(g.CORS) > 1 {
				d.badValue(o.Pos, "%s is every page, those of the other origins among them", AnyOrigin).With(diag.Fix("leave the others out, or this one"))
			}
		}
	},
}

// limitsForm says who may ask how often.
var limitsForm = &form[*Rate]{
	what: "rate",
	doc:  "How often one may ask.",
	keys: []key[*Rate]{
		at("perClient", "One person, or one address of somebody unknown: 50/s, 1000/m.", pointer(rate), func(r **Rate) **Rate { return r }),
	},
}

var routeForm = &form[GatewayRoute]{
	what: "route",
	doc:  "A path of one's own choosing.",
	keys: []key[GatewayRoute]{
		at("path", "A path, for all methods; /** at its end means everything below it, too. Either this or http.", detourPath, func(x *GatewayRoute) *Text { return &x.Path }),
		at("http", "A method and a path: GET /products/{productId}.", pointer(route), func(x *GatewayRoute) **Route { return &x.HTTP }),
		must(at("to", "URL of a system of before; or a command, query, view or aggregate, which needs http.", destination, func(x *GatewayRoute) *Destination { return &x.To })),
		at("rewrite", "What the system of before calls the path; default: the same.", rewritten, func(x *GatewayRoute) *Text { return &x.Rewritten }),
	},
	done: func(d decoder, x *GatewayRoute, n *source.Node) {
		x.Pos = n.Pos
		if n.Kind != source.Mapping {
			return // reported
		}
		written := n.Get("path") != nil
		if written == (n.Get("http") != nil) {
			d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs either path or http", d.about).
				With(diag.Fix("http is for one method, and may have placeholders; path is for all of them"))
			return
		}
		if x.HTTP != nil {
			x.Name, x.Pos = x.HTTP.Method+" "+x.HTTP.Path, x.HTTP.Pos
		} else if x.Path.Pos.IsValid() {
			x.Name, x.Pos = x.Path.Value, x.Path.Pos
			x.Path.Value, x.Below = strings.CutSuffix(x.Path.Value, "/**")
		}
		d.judgeRewriting(x)
		d.settle(func() { d.judgeRoute(x) })
	},
}

// judgeRewriting checks that a path is rewritten to one of its own kind.
func (d decoder) judgeRewriting(x *GatewayRoute) {
	if !x.Rewritten.Pos.IsValid() {
		return
	}
	path, below := strings.CutSuffix(x.Rewritten.Value, "/**")
	switch {
	case x.To.Pos.IsValid() && x.To.URL == "":
		d.badValue(x.Rewritten.Pos, "what a service calls its paths is known: %s is rewritten by itself", x.Name).With(diag.Fix("leave rewrite out"))
	case below != x.Below:
		d.badValue(x.Rewritten.Pos, "of %s and its rewrite one ends with /** only", x.Name).With(diag.Fix("write it behind both, or behind none"))
	}
	x.Rewritten.Value = path
	var params []string
	if x.HTTP != nil {
		params = x.HTTP.Params()
	}
	for _, name := range (&Route{Path: path}).Params() {
		if !slices.Contains(params, name) {
			d.diags.Errorf(rule.UnknownName, x.Rewritten.Pos, "the path has no parameter {%s}", name).With(near(name, params))
		}
	}
}

// judgeRoute checks that a path says what it leads to: which instance, which row.
func (d decoder) judgeRoute(x *GatewayRoute) {
	to := x.To
	switch {
	case to.Command == nil && to.Query == nil && to.View == nil && to.State == nil:
		return
	case x.HTTP == nil:
		if x.Path.Pos.IsValid() {
			d.badValue(x.Path.Pos, "%s answers requests of one kind, and path is for all methods", to.Value).With(diag.Fix("http: GET %s", x.Path.Value))
		}
		return
	case to.Command == nil && x.HTTP.Method != "GET":
		d.badValue(x.HTTP.Pos, "%s is looked at: the method is GET, not %s", to.Value, x.HTTP.Method)
	}
	may, must := x.Takes()
	params := x.HTTP.Params()
	d.useParams(x.HTTP, may)
	for _, name := range params {
		if fieldNamed(may, name) == nil {
			d.diags.Errorf(rule.UnknownName, x.HTTP.Pos, "%s is not found by {%s}", to.Value, name).With(near(name, namesOfFields(may)))
		}
	}
	for _, f := range must {
		if !slices.Contains(params, f.Name) {
			d.diags.Errorf(rule.MissingKey, x.HTTP.Pos, "the path does not say which one %s is for", to.Value).With(diag.Fix("put {%s} into it", f.Name))
		}
	}
}

func namesOfFields(fields []*Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}

// destination reads where a route leads: a URL, or what a service answers.
var destination = reader[Destination]{
	shape: Shape{Kind: TextShape, Says: "the URL of a system, or a command, query, view or aggregate"},
	read: func(d decoder, v *Destination, n *source.Node) bool {
		if _, _, is := strings.Cut(n.Value, ":"); is { // no name has a colon
			if !systemURL.read(d, &v.Text, n) {
				return false
			}
			v.URL = v.Value
			return true
		}
		return answered.read(d, v, n)
	},
}

// answered reads what a service answers. An aggregate may share its name with
// nothing that is asked besides: those win.
var answered = referTo("a command, query, view or aggregate",
	func(v *Destination, name Text) { v.Text = name },
	func(d decoder, v *Destination, name Text) {
		var want kinds = commandKind | viewKind | queryKind
		if len(d.symbols.find(name.Value, want, nil)) == 0 {
			want |= aggregateKind
		}
		s := d.lookup(name, want)
		if s == nil {
			return
		}
		switch to := s.ref.(type) {
		case *Aggregate:
			v.State = to
		case *Command:
			v.Command = to
		case *Query:
			v.Query = to
		case *View:
			v.View = to
		}
	})

// rewritten reads a path of another system.
var rewritten = scalar("a path", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	if path := strings.TrimSuffix(n.Value, "/**"); n.Value != "/**" {
		if at, what := faultOfPath(path); what != "" {
			d.badValue(n.PosAt(at), "the path of %s %s", d.place(), what)
			return false
		}
	}
	*v = Text{nfc(n.Value), n.Pos}
	return true
})

// AnyOrigin is every origin.
const AnyOrigin = "*"

// isURLText reports whether a text has those characters of URLs only that mean
// nothing to what URLs are put into: settings, patterns, tables.
var isURLText = regexp.MustCompile(`^[A-Za-z0-9:/._~%@\[\]-]+$`).MatchString

// origin reads the origin of a web page, as browsers tell it (RFC 6454).
var origin = scalar("an origin", TextShape, func(d decoder, v *Text, n *source.Node) bool {
	u, err := url.Parse(n.Value)
	if n.Value == AnyOrigin {
		*v = Text{n.Value, n.Pos}
		return true
	}
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
	if n.Value == AnyOrigin {
		*v = Text{n.Value, n.Pos}
		return true
	}
	if err != nil || !isURLText(n.Value) || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		d.badValue(n.Pos, "%s: %q is not where a system is", d.place(), n.Value).
			With(diag.Fix("write it like http://legacy:8080"))
		return false
	}
	*v = Text{strings.TrimSuffix(n.Value, "/"), n.Pos}
	return true
})
