// Package importlaw holds the order in which the packages of this repository
// may import one another. Its test reads the imports of all of them and names
// the ones that break the order; the reasons are in docs/architecture.md.
package importlaw

import "strings"

// Module is the import path of this repository.
const Module = "github.com/esgen/esgen"

// layers lists the packages in the order data flows through them: each may
// import those of the layers above its own, and nothing of its own layer or
// below. An entry that ends in "/..." stands for everything under it.
//
// It is the list of the architecture page but for this: artifact and templates
// stand above plan, which plans files of the chassis to be copied as they are,
// and reads the pinned dependencies beside the templates; and names stands below
// model, which is all it knows, because the interpreter names what it plays as
// the generated code does.
var layers = [][]string{
	{"internal/rule"},
	{"internal/source"},
	{"internal/diag"},
	{"model"},
	{"internal/names"},
	{"internal/expr", "docs/rules"},
	{"internal/check"},
	{"internal/contract"},
	{"internal/schema", "internal/format", "internal/chain", "internal/coverage", "internal/sim"},
	{"internal/apidoc"},
	{"internal/pact"},
	{"internal/artifact", "internal/issuer"},
	{"templates", "internal/protofile"},
	{"internal/plan"},
	{"internal/render"},
	{"internal/tree"},
	{"internal/board", "internal/importer/...", "internal/compat", "internal/devrun", "internal/server"},
	{"internal/cli"},
	{"cmd/esgen"},
}

// chassis is copied into every generated system: it imports nothing else of
// this repository, and nothing but tests imports it.
const chassis = "templates/chassis/..."

// helpers are tools of the developers and helpers of tests. They may import
// anything but the command line and the chassis; only tests import them.
var helpers = []string{
	"internal/conform", "internal/deps", "internal/importlaw", "internal/mutate", "internal/pins", "internal/schematest", "internal/synthetic", "internal/testservers",
	"internal/bench", "internal/e2e", "internal/oracle", "examples",
}

// libraries are what generated services are made of, as services.md lists
// them: the modules whose packages the chassis may import.
var libraries = []string{
	"github.com/MicahParks/jwkset",
	"github.com/MicahParks/keyfunc/v3",
	"github.com/bufbuild/protocompile",
	"github.com/caarlos0/env/v11",
	"github.com/failsafe-go/failsafe-go",
	"github.com/golang-jwt/jwt/v5",
	"github.com/google/uuid",
	"github.com/jackc/pgx/v5",
	"github.com/pressly/goose/v3",
	"github.com/prometheus/client_golang",
	"github.com/rs/cors",
	"github.com/shopspring/decimal",
	"github.com/twmb/franz-go",
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
	"go.opentelemetry.io/otel",
	"golang.org/x/sync",
	"golang.org/x/term",
	"golang.org/x/time",
	"google.golang.org/genproto/googleapis/rpc",
	"google.golang.org/grpc",
	"google.golang.org/protobuf",
	"modernc.org/sqlite",
}

// Objection says why a package, given by its path below Module, must not
// import another one; "" when it may. Of a test anything of this repository
// may be imported, so only files that are built into something are judged.
func Objection(pkg, imported string) string {
	theirs, ours := strings.CutPrefix(imported, Module+"/")
	switch {
	case within(pkg, chassis):
		return objectionOfChassis(imported)
	case !ours:
		return ""
	case within(theirs, chassis):
		return "only tests import the chassis: it belongs to the generated system"
	case listed(theirs, helpers):
		return "only tests import this helper"
	case listed(pkg, helpers):
		if layer(theirs) >= layer("internal/cli") {
			return "nothing imports the command line"
		}
		return ""
	case layer(pkg) < 0:
		return "the package has no place in the order; give it one in internal/importlaw"
	case layer(theirs) < 0:
		return "what it imports has no place in the order; give it one in internal/importlaw"
	case layer(theirs) >= layer(pkg):
		return "it stands below, or beside; data flows one way"
	}
	return ""
}

// objectionOfChassis allows the chassis itself, the standard library and the
// libraries of generated services.
func objectionOfChassis(imported string) string {
	if below, ours := strings.CutPrefix(imported, Module+"/"); ours {
		if within(below, chassis) {
			return ""
		}
		return "a generated system has nothing of esgen but the chassis"
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return "" // the standard library
	}
	for _, l := range libraries {
		if within(imported, l+"/...") {
			return ""
		}
	}
	return "it is none of the libraries that generated services are made of"
}

// layer is the place of a package in the order; -1: it has none.
func layer(pkg string) int {
	for i, l := range layers {
		if listed(pkg, l) {
			return i
		}
	}
	return -1
}

func listed(pkg string, patterns []string) bool {
	for _, p := range patterns {
		if within(pkg, p) {
			return true
		}
	}
	return false
}

// within reports whether a path is the one of a pattern, or under it where the
// pattern ends in "/...".
func within(path, pattern string) bool {
	root, open := strings.CutSuffix(pattern, "/...")
	return path == root || open && strings.HasPrefix(path, root+"/")
}
