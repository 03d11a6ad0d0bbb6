package compat

import (
	"fmt"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// paths compares the paths of the gateway that are of one's own choosing: what
// people's programs know is the path, whoever answers behind it.
func (c *comparison) paths() {
	now := ownPaths(c.is)
	for _, x := range routes(c.was) {
		o := c.was.Destination(x)
		if o == nil {
			continue // a system of before: what is said of the gateway itself
		}
		at := naming.GatewayPath(x)
		d := door{operation: o, route: at, public: true, needs: actorsOf(o)}
		is := now[at.Address()]
		if is != nil && is.To.URL != "" {
			continue // a system of before again: said of the gateway itself
		}
		if is != nil {
			if n := c.is.Destination(is); n != nil {
				there := *n
				there.Public = naming.GatewayPath(is) // by which it is asked here
				c.request(d, &there)
				continue
			}
		}
		c.add(Finding{Rule: BreakingRoute, Verdict: judged(d.needs), Consumers: consumers(d.needs), Service: o.Service.Context.Name,
			Pos: c.is.Model.Pos, Old: x.Pos, What: fmt.Sprintf("%s is not answered at %s of the gateway any more", label(o), at), Why: "who asks for it gets 404"})
	}
	before := ownPaths(c.was)
	for _, x := range routes(c.is) {
		o := c.is.Destination(x)
		if o == nil || before[naming.GatewayPath(x).Address()] != nil {
			continue
		}
		c.add(Finding{Rule: BreakingAddition, Service: o.Service.Context.Name, Verdict: Compatible, Pos: x.Pos,
			What: fmt.Sprintf("%s is answered at %s of the gateway", label(o), naming.GatewayPath(x)), Why: "nobody relies on it yet"})
	}
}

// ownPaths are the routes of a gateway for one method, by their address.
func ownPaths(in *contract.System) map[string]*model.GatewayRoute {
	out := map[string]*model.GatewayRoute{}
	for _, x := range routes(in) {
		out[naming.GatewayPath(x).Address()] = x
	}
	return out
}

func routes(in *contract.System) []*model.GatewayRoute {
	if in.Model.Gateway == nil {
		return nil
	}
	var out []*model.GatewayRoute
	for _, x := range in.Model.Gateway.Routes {
		if x.HTTP != nil {
			out = append(out, x)
		}
	}
	return out
}

// actorsOf are the needs of the actors who may ask for something.
func actorsOf(o *contract.Operation) []*contract.Need {
	var out []*contract.Need
	for _, n := range o.Consumers() {
		if n.Kind == contract.ByActor {
			out = append(out, n)
		}
	}
	return out
}
