package plan

import (
	"reflect"
	"slices"

	"github.com/esgen/esgen/internal/apidoc"
	"github.com/esgen/esgen/internal/board"
	"github.com/esgen/esgen/internal/plan/deploy"
	"github.com/esgen/esgen/internal/plan/gateway"
	"github.com/esgen/esgen/internal/plan/promises"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/python"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/plan/stored"
	"github.com/esgen/esgen/internal/plan/tests"
	"github.com/esgen/esgen/model"
)

// Kind is a kind of unit: what a line of pack.yaml can be for.
type Kind struct {
	Name string
	Is   string       // of what there is one each, in words
	Data reflect.Type // what templates get
}

// Kinds lists all kinds of units, in the order in which packs are told of them.
// A test holds the units of models against it.
func Kinds() []Kind { return slices.Clone(kinds) }

func kind[T any](name, is string) Kind { return Kind{name, is, reflect.TypeFor[T]()} }

var kinds = []Kind{
	kind[*services.System]("system", "the system"),
	kind[*services.Service]("service", "context: the service that it becomes"),
	kind[*services.Aggregate]("aggregate", "aggregate"),
	kind[*services.Command]("command", "command"),
	kind[*services.Event]("event", "event of an aggregate"),
	kind[*services.Policy]("policy", "policy"),
	kind[*services.View]("view", "read model"),
	kind[*services.Saga]("saga", "saga"),
	kind[*services.External]("external", "external system"),
	kind[services.Actor]("actor", "actor"),
	kind[*services.Upstream]("upstream", "context, or external system, of which another context hears events"),
	kind[*services.Dependency]("dependency", "context, or external system, that another context calls"),
	kind[*services.Source]("webhook", "external system that tells of events by requests"),
	kind[*services.Source]("foreign-topic", "topic of somebody else from which events are taken"),
	kind[*services.Service]("policies", "service that has policies"),
	kind[*services.Service]("hearing", "service that hears of events at all"),
	kind[*services.Service]("documented", "service that answers actors"),
	kind[*services.Service]("types", "service that has types of its own"),
	kind[*services.Command]("custom", "command that people decide in Go"),
	kind[*services.Policy]("custom-policy", "policy that people decide in Go"),
	kind[*services.Projection]("custom-projection", "event of which people decide in Go what it does to the rows of a read model"),
	kind[*services.Service]("custom-projections", "service that has such events"),
	kind[*services.Asking]("custom-operation", "operation of an external system that people ask in Go"),
	kind[*services.Service]("custom-operations", "service that has such operations"),
	kind[*services.Translation]("translation", "event of another context that people translate in Go"),
	kind[*services.Service]("translations", "service that translates events of others"),
	kind[*services.Aggregate]("aggregate-versions", "aggregate with events of older versions"),
	kind[*services.Upstream]("upstream-versions", "upstream with events of older versions"),
	kind[*stored.Migration]("migration", "change of what a service stores, for what older releases have stored"),
	kind[*stored.Migrations]("migrations", "service that has some"),
	kind[*protobuf.File]("grpc", "service that is offered over gRPC"),
	kind[*python.Service]("python", "context whose service is written in Python, as that is spelled"),
	kind[*services.Aggregate]("grpc-aggregate", "aggregate that is offered over gRPC"),
	kind[*services.View]("grpc-view", "read model that is offered over gRPC"),

	kind[*tests.Service]("service-tests", "service, as its tests see it"),
	kind[*tests.Aggregate]("aggregate-tests", "aggregate, as its tests see it"),
	kind[*tests.Service]("example-tests", "service that scenarios ask something"),
	kind[*tests.Service]("grpc-tests", "service that is offered over gRPC, as its tests see it"),
	kind[*tests.Policies]("policy-tests", "service whose policies are tested"),
	kind[*tests.Contracts]("consumer-tests", "service that relies on others"),
	kind[*tests.Contracts]("provider-tests", "service on which others may rely"),

	kind[*gateway.Gateway]("gateway", "the gateway"),
	kind[*services.System]("standins", "the stand-ins of external systems, where there are some"),
	kind[*services.System]("workspace", "the workspace, where all services lie in one repository"),
	kind[*services.System]("e2e", "the scenarios on the running system, where there are some"),
	kind[apidoc.File]("document", "document for programs: OpenAPI, AsyncAPI, JSON Schema"),
	kind[*board.Page]("board", "the wall as a page"),
	kind[*apidoc.Catalogue]("catalogue", "the catalogue"),
	kind[*apidoc.Page]("catalogue-page", "page of the catalogue"),
	kind[*promises.Page]("promises", "what the system promises at run time"),

	kind[*deploy.Cluster]("cluster", "what runs where, as a whole"),
	kind[*deploy.Workload]("workload", "program of the cluster"),
	kind[*deploy.Workload]("image", "image that is built"),
	kind[*deploy.Cluster]("images", "the images, where all services lie in one repository"),
	kind[*deploy.Dashboard]("dashboard", "dashboard"),
	kind[*deploy.Cluster]("backing-standins", "the stand-ins in a cluster, where there are some"),
	kind[*deploy.Cluster]("route", "the route from outside, where the model names a host"),
	kind[*deploy.Cluster]("istio", "the mesh, where the model asks for one"),
	kind[*deploy.Cluster]("keda", "scaling by lag, where the model asks for it"),
	kind[*deploy.Cluster]("owners", "who owns what, where the model names teams"),
	kind[*deploy.Cluster](string(model.GitHub), "the pipeline of GitHub, where the model asks for it"),
	kind[*deploy.Cluster](string(model.CloudBuild), "that of Cloud Build"),
	kind[*deploy.Cluster](string(model.CodeBuild), "that of CodeBuild"),
	kind[*deploy.Workload]("workflow", "program, as the pipeline of GitHub builds it"),
	kind[*deploy.Workload]("alone", "image of a repository of its own"),
	kind[*deploy.Workload]("alone-owned", "the same, where somebody owns it"),
	kind[*deploy.Workload]("alone-"+string(model.GitHub), "program of a repository of its own, as GitHub builds it"),
	kind[*deploy.Workload]("alone-"+string(model.CloudBuild), "as Cloud Build builds it"),
	kind[*deploy.Workload]("alone-"+string(model.CodeBuild), "as CodeBuild builds it"),

	kind[*services.Service]("proven", "service, in a program of esgen prove; no part of the output"),
	kind[*services.System]("proof", "the program of esgen prove; no part of the output"),
}

// Node is the note that a unit is of; nil: it is of none, or of more than one.
func (u Unit) Node() *model.Node {
	switch of := u.Data.(type) {
	case *services.System:
		return &of.Model.System.Node
	case *services.Service:
		return &of.Context.Node
	case *python.Service:
		return &of.Context.Node
	case *services.Aggregate:
		return &of.Model.Node
	case *services.Command:
		return &of.Model.Node
	case *services.Event:
		return &of.Model.Node
	case *services.Policy:
		return &of.Model.Node
	case *services.View:
		return &of.Model.Node
	case *services.Saga:
		return &of.Model.Node
	case *deploy.Workload:
		if of.Service != nil {
			return &of.Service.Context.Node
		}
	}
	return nil
}
