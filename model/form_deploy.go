package model

import (
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/source"
)

// deployForm is how the system runs in a cluster.
var deployForm = &form[Deploy]{
	what: "deploy",
	doc:  "How the system runs in a cluster.",
	keys: []key[Deploy]{
		at("registry", "What the names of images begin with: registry.example/shop.", imagePrefix, func(x *Deploy) *string { return &x.Registry }),
		at("host", "The host name at which the gateway is reached from outside; none: it has no route.", hostName, func(x *Deploy) *string { return &x.Host }),
		at("ingress", "The Gateway of the cluster that the route hangs on: its namespace and name.", ingressPlace, func(x *Deploy) *Place { return &x.Ingress }),
		at("istio", "true: a mesh carries the requests; services get a DestinationRule.", trueOrFalse, func(x *Deploy) *bool { return &x.Istio }),
		at("pipeline", "What builds, tests and deploys: a file for each.", oneOrMore(pipeline), func(x *Deploy) *[]Pipeline { return &x.Pipelines }),
		at("layout", "workspace: one repository with all services; standalone: one for each.", layout, func(x *Deploy) *bool { return &x.Standalone }),
		at("platform", "Modules to require in place of a copy of the platform: path@version.", moduleVersion, func(x *Deploy) *string { return &x.Platform }),
		at("defaults", "What all services have, unless they say otherwise.", pointer(one(deploymentForm)), func(x *Deploy) **Deployment { return &x.Defaults }),
		at("contexts", "What the services of some contexts have otherwise.", contextDeployments, func(x *Deploy) *[]*ContextDeployment { return &x.Contexts }),
	},
	enter: func(_ *decoder, x *Deploy) { x.Ingress, x.Pipelines = DefaultIngress, []Pipeline{GitHub} },
	done:  func(_ decoder, x *Deploy, n *source.Node) { x.Pos = n.Pos },
}

var deploymentForm = &form[Deployment]{
	what: "deployment",
	doc:  "How a service runs.",
	keys: []key[Deployment]{
		at("replicas", "How many there are of it.", number(), func(x *Deployment) *int { return &x.Replicas }),
		at("cpu", "How much of a processor a replica asks for: 100m, 1.", quantity("100m"), func(x *Deployment) *Quantity { return &x.CPU }),
		at("memory", "How much memory a replica asks for and may not exceed: 128Mi.", quantity("128Mi"), func(x *Deployment) *Quantity { return &x.Memory }),
		at("scale", "How the number of replicas follows what there is to do.", pointer(one(scaleForm)), func(x *Deployment) **Scale { return &x.Scale }),
		at("database", "Where it keeps its data: postgres or mongodb.", choice(word[Database]{string(Postgres), Postgres}, word[Database]{string(MongoDB), MongoDB}), func(x *Deployment) *Database { return &x.Database }),
		at("files", "The size of a volume for files that all replicas share: 1Gi.", pointer(quantity("1Gi")), func(x *Deployment) **Quantity { return &x.Files }),
	},
	done: func(_ decoder, x *Deployment, n *source.Node) { x.Pos = n.Pos },
}

var scaleForm = &form[Scale]{
	what: "scale",
	doc:  "How many replicas there may be, and when there are more.",
	keys: []key[Scale]{
		at("min", "The least replicas.", number(), func(x *Scale) *int { return &x.Min }),
		at("max", "The most replicas.", number(), func(x *Scale) *int { return &x.Max }),
		at("targetCPU", "How busy replicas may be on average, in percent of the cpu they ask for, before there are more.", number(), func(x *Scale) *int { return &x.TargetCPU }),
		at("lag", "How many events a replica may be behind before there are more; it needs KEDA in the cluster.", number(), func(x *Scale) *int { return &x.Lag }),
	},
	done: func(_ decoder, x *Scale, n *source.Node) { x.Pos = n.Pos },
}

var pipeline = choice(word[Pipeline]{string(GitHub), GitHub}, word[Pipeline]{string(CloudBuild), CloudBuild}, word[Pipeline]{string(CodeBuild), CodeBuild})

var layout = choice(word[bool]{"workspace", false}, word[bool]{"standalone", true})

// contextDeployments reads {pay: {scale: {max: 20}}}.
var contextDeployments = reader[[]*ContextDeployment]{
	shape: Shape{Kind: EntriesShape, Says: "a map of contexts", Of: &Shape{Kind: MapShape, Says: deploymentForm.wants(), Construct: deploymentForm.describe()}},
	read: func(d decoder, v *[]*ContextDeployment, n *source.Node) bool {
		if n.Kind != source.Mapping {
			d.wrongKind(n, "a map of contexts")
			return false
		}
		for i := range n.Pairs {
			name, x := n.Pairs[i].Key, &ContextDeployment{}
			if !contextRef.read(d, &x.Context, name) {
				continue
			}
			inner := d
			inner.about = "deployment of context " + name.Value
			deploymentForm.readInto(inner, &x.Deployment, n.Pairs[i].Value)
			x.Pos = name.Pos
			*v = append(*v, x)
		}
		return true
	},
}

// quantity reads an amount as Kubernetes writes it.
func quantity(example string) reader[Quantity] {
	return scalar("a quantity of Kubernetes", TextShape, func(d decoder, v *Quantity, n *source.Node) bool {
		q, err := resource.ParseQuantity(n.Value)
		if err != nil || q.Sign() <= 0 {
			d.badValue(n.Pos, "%s: %q is no amount of it", d.place(), n.Value).
				With(diag.Fix("write it as Kubernetes does, like %s", example))
			return false
		}
		*v = Quantity{Text: n.Value, Milli: q.MilliValue()}
		return true
	})
}

// mustQuantity is a quantity of this package's own.
func mustQuantity(text string) Quantity {
	q := resource.MustParse(text)
	return Quantity{Text: text, Milli: q.MilliValue()}
}

// Names of the network: RFC 1123, and the grammar of image names
// (github.com/distribution/reference).
var (
	dnsLabel  = `[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`
	dnsName   = dnsLabel + `(\.` + dnsLabel + `)*`
	isLabel   = regexp.MustCompile(`^` + dnsLabel + `$`).MatchString
	isDNSName = regexp.MustCompile(`^` + dnsName + `$`).MatchString
	isPrefix  = regexp.MustCompile(`^` + dnsName + `(:[0-9]{1,5})?(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`).MatchString
)

// imagePrefix reads a registry, with a path in it or without one.
var imagePrefix = matching("a registry", isPrefix, "write host and path without a scheme, like registry.example/shop")

// moduleVersion reads what is required of other modules.
var moduleVersion = matching("a path and a version of modules", isModuleVersion, "write it like example.com/kit@v1.2.0")

// isModuleVersion looks at the form; whether there is such a module is for go to
// say.
func isModuleVersion(s string) bool { return modulePattern.MatchString(s) }

var modulePattern = regexp.MustCompile(`^[a-z0-9.-]+\.[a-z0-9.-]+(/[A-Za-z0-9._~-]+)*@v[01]\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$`)

// hostName reads a name of DNS.
var hostName = matching("a host name", isDNSName, "write it like shop.example")

// matching reads a text of a form.
func matching(says string, is func(string) bool, fix string) reader[string] {
	return scalar(says, TextShape, func(d decoder, v *string, n *source.Node) bool {
		if !is(n.Value) {
			d.badValue(n.Pos, "%s: %q is not %s", d.place(), n.Value, says).With(diag.Fix("%s", fix))
			return false
		}
		*v = n.Value
		return true
	})
}

// ingressPlace reads namespace/name.
var ingressPlace = scalar("a namespace and a name", TextShape, func(d decoder, v *Place, n *source.Node) bool {
	namespace, name, both := strings.Cut(n.Value, "/")
	if !both || !isLabel(namespace) || !isDNSName(name) {
		d.badValue(n.Pos, "%s: %q does not say which Gateway", d.place(), n.Value).
			With(diag.Fix("write its namespace and its name, like %s/%s", DefaultIngress.Namespace, DefaultIngress.Name))
		return false
	}
	*v = Place{namespace, name}
	return true
})
