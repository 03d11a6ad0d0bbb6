package naming

import (
	"net/url"
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// Services is the directory of the services, Gateway and Standins are what runs
// beside them.
const (
	Services = "services"
	Gateway  = "gateway"
	Standins = "standins"
)

// parts are names in a cluster and in compose that no context has: of objects
// esgen adds, of files beside those of the services, of what a cluster or a
// host has by itself, and those that would name a variable of the platform.
var parts = set("gateway standins kafka identity settings realm backing ask-identity jaeger prometheus grafana dashboards " +
	"network kustomization namespace kafka-cluster-ca-cert " +
	"localhost kubernetes default local cluster svc invalid postgres " +
	"database jwks")

func set(names string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		out[name] = true
	}
	return out
}

// Endings of the names of objects that go with a service.
const (
	databaseEnding = "-database"
	filesEnding    = "-files"
	brokerEnding   = "-broker"
	askEnding      = "-asks-standins"
	contextEnding  = "-context"
)

// objectEndings are the endings that no host of a context has.
var objectEndings = []string{databaseEnding, filesEnding, brokerEnding, askEnding, contextEnding}

// systemEndings end the names of objects that there is one of in a system.
var systemEndings = []string{"-default", "-mesh", "-monitoring"}

// HostOf is what a context's service is called in a cluster and in compose: as
// its context, unless a part of the deployment is, or could be, called so. It
// depends on nothing but the two names, and no two contexts have one.
func HostOf(s *model.System, x *model.Context) string {
	host := names.Of(&x.Node).Kebab
	if IsPart(s, host) {
		return host + contextEnding
	}
	return host
}

// IsPart reports whether a part of the deployment is, or could be, called so.
func IsPart(s *model.System, host string) bool {
	if parts[host] {
		return true
	}
	for _, ending := range objectEndings {
		if strings.HasSuffix(host, ending) {
			return true
		}
	}
	for _, ending := range systemEndings {
		if host == s.Name+ending {
			return true
		}
	}
	return false
}

// Database is the host of the database of a service, and the secret with its
// address.
func Database(host string) string { return host + databaseEnding }

// Files is the volume of a service's files.
func Files(host string) string { return host + filesEnding }

// Webhooks is the secret with what the webhooks are signed with that a service
// takes in.
func Webhooks(host string) string { return host + "-webhooks" }

// PersonalData is the secret with the master key of the persons whose data a service
// keeps.
func PersonalData(host string) string { return host + "-personal-data" }

// PersonalDataKey is the variable with that key.
const PersonalDataKey = "PERSONAL_DATA_KEY"

// BrokerAccess is how the broker is asked in the name of a service.
func BrokerAccess(host string) string { return host + brokerEnding }

// AsksStandins is the policy by which a service reaches the stand-ins.
func AsksStandins(host string) string { return host + askEnding }

// BrokerUser is whom a service is at the broker.
func BrokerUser(s *model.System, host string) string { return s.Name + "-" + host }

// ImageOf is the image of a program, without its registry.
func ImageOf(s *model.System, host string) string { return s.Name + "-" + host }

// Dir is the directory of a context's service, and the first part of its paths
// at the gateway.
func Dir(x *model.Context) string { return names.Of(&x.Node).Kebab }

// addressEnding ends variables that hold an address.
const addressEnding = "_URL"

// ContextAddress is the variable with the address of a context's service.
func ContextAddress(s *model.System, x *model.Context) string {
	return names.OfText(HostOf(s, x)).Env + addressEnding
}

// ExternalName is what an external system is called where services are: by its
// own name, unless a context or a variable of the platform is called so.
func ExternalName(s *model.System, x *model.External) names.Name {
	n := names.Of(&x.Node)
	if own := n.Env + addressEnding; platformVariables[own] {
		return names.OfText("External_" + n.Snake)
	}
	for _, c := range s.Contexts {
		if names.Of(&c.Node).Kebab == n.Kebab || HostOf(s, c) == n.Kebab {
			return names.OfText("External_" + n.Snake)
		}
	}
	return n
}

// ExternalAddress is the variable with the address of an external system.
func ExternalAddress(s *model.System, x *model.External) string {
	return ExternalName(s, x).Env + addressEnding
}

// WebhookSecret is the variable with what the webhooks of an external system are
// signed with.
func WebhookSecret(s *model.System, x *model.External) string {
	return ExternalName(s, x).Env + "_WEBHOOK_SECRET"
}

// Legacy is a system of before that paths of the gateway lead to.
type Legacy struct {
	URL  string
	Name names.Name
}

// LegacySystems gives each system of before a name after its host, unless
// another has it, or would be told its address by the same variable.
func LegacySystems(s *model.System) []Legacy {
	if s.Gateway == nil {
		return nil
	}
	taken := names.Unique{}
	for variable := range platformVariables {
		taken[names.OfText(strings.TrimSuffix(variable, addressEnding)).Kebab] = true
	}
	for _, x := range s.Contexts {
		taken[Dir(x)], taken[HostOf(s, x)] = true, true
	}
	for _, x := range s.Externals {
		taken[ExternalName(s, x).Kebab] = true
	}
	var out []Legacy
	known := map[string]bool{}
	for _, r := range s.Gateway.Routes {
		if r.To.URL == "" || known[r.To.URL] {
			continue
		}
		known[r.To.URL] = true
		host := "legacy"
		if u, err := url.Parse(r.To.URL); err == nil {
			host, _, _ = strings.Cut(u.Hostname(), ".")
		}
		out = append(out, Legacy{r.To.URL, names.OfText(taken.Take(names.OfText(host).Kebab, "-legacy"))})
	}
	return out
}

// LegacyAddress is the variable with the address of a system of before.
func LegacyAddress(n names.Name) string { return n.Env + addressEnding }

// platformVariables are the addresses the platform is told.
var platformVariables = set("DATABASE_URL JWKS_URL")
