// Package importlaw holds the order in which the packages of this repository
// may import one another. Its test reads the imports of all of them and names
// the ones that break the order; the reasons are in docs/architecture.md.
package importlaw

import (
	"slices"
	"strings"
)

// Module is the import path of this repository.
const Module = "github.com/esgen/esgen"

// Package is a package, or several under one path, and what lives there.
type Package struct {
	Path string // below Module; "/...": with everything under it
	Home string // of what, in a line of Markdown
}

// Layers lists the packages in the order data flows through them: each may
// import those of the layers above its own, and nothing of its own layer or
// below. The architecture page shows this list; its reasons are there.
//
// names stands below model, which is all it knows, because the interpreter names
// what it plays as the generated code does; artifact and templates stand above
// plan, which plans files of the chassis to be copied as they are.
func Layers() [][]Package { return layers }

var layers = [][]Package{
	{
		{"internal/parallel", "many things of one kind, done on all processors"},
		{"internal/overlay", "files in memory over those of a file system"},
	},
	{
		{"internal/rule", "the rules: their ids, how grave they are, what each is about, by family"},
		{"internal/wall", "the script and style sheet of every page that shows a board: it is moved, zoomed and searched"},
		{"internal/inline", "scripts and style sheets in a page of one file, which its policy names by their digests"},
		{"internal/quote", "texts of the model as files of other languages have them: one function for each place where a text can stand"},
	},
	{{"internal/source", "files, positions, the YAML node tree; the only place that touches yaml.v3 nodes"}},
	{{"internal/diag", "diagnostics: severity, rule, place, the other place, the likely fix; printers for text, JSON, SARIF, GitHub"}},
	{{"model", "the public model, every node with its position: decoding, name resolution, defaults"}},
	{{"internal/names", "a name in every spelling: Go, JSON, tables, paths, variables; plurals; romanisation"}},
	{{"internal/naming", "every name that the output derives from a model, in a registry by namespace: routes, tables, topics, hosts, variables, files"}},
	{
		{"internal/expr", "expressions: parsing (CEL), types, evaluation, translation to Go; the one table of functions, the one walk over trees"},
		{"internal/regular", "whether there is a text that some patterns match and others do not"},
		{"docs/rules", "the page of each rule"},
		{"docs/packs", "the page about what templates get"},
		{"docs/upgrading", "the notes about what a newer esgen writes otherwise"},
	},
	{{"internal/meaning", "what expressions say, however they are written: whether two say the same, whether one follows from another"}},
	{{"internal/check", "every expression in its scope, where each field comes from, the rules; what it infers is kept in `check.Model`"}},
	{{"internal/contract", "what services offer one another and the world, and who needs what of it: operations, messages, needs, as documents, contract tests and `breaking` see them"}},
	{
		{"internal/schema", "the language as JSON Schema"},
		{"internal/format", "the canonical text of a file, comments kept; refuses to change what a file says"},
		{"internal/board", "a model as the wall it comes from: sticky notes, frames and arrows with their places, as SVG, PNG, HTML and Mermaid; maps, services and sequences"},
		{"internal/chain", "what follows from a command, as a tree"},
		{"internal/uses", "where each thing of a model is told and used, in files and in expressions; calls it otherwise everywhere"},
		{"internal/told", "scenarios as people write them, for those who make some"},
		{"internal/coverage", "requirements, notes and scenarios, held against one another"},
		{"internal/sim", "the interpreter: plays scenarios on the model itself; what generated code is compared with"},
	},
	{
		{"internal/explore", "searches the orders in which all can come for those in which something goes wrong; tells them as scenarios"},
		{"internal/importer", "boards of other tools: a reader for each format, and what makes a model of what they find"},
		{"internal/play", "plays a model with somebody at a page: steps in, what came of them out, and as a scenario"},
		{"internal/stories", "the scenarios, played once for all who show what happens in them, and as sequences"},
		{"internal/sample", "made-up values: those that checks let through, and those that a person takes for real ones"},
	},
	{
		{"internal/page", "the pages as scripts and style sheets, and who may talk to what serves them"},
		{"internal/apidoc", "what services offer, for those who have nothing but documents: OpenAPI, AsyncAPI, JSON Schema, the catalogue"},
		{"internal/basis", "what the output of a service is made of, as a digest: where it is the same, the output is not made again"},
	},
	{{"internal/pact", "what consumers rely on, as Pact files: needs with examples from the stories, states as data"}},
	{
		{"internal/artifact", "a file in memory, and whose it is"},
		{"internal/signatures", "what functions that people write are asked to be, and what is otherwise about that"},
		{"internal/issuer", "the identity provider of systems that run on this machine"},
		{"internal/lock", "keeps a directory for one process at a time"},
	},
	{
		{"templates", "the pack: `pack.yaml` (what is rendered for which unit, where, whose), `pack/**.tmpl`, called as the files they make, `pins/` (pinned dependencies), `chassis/` (the platform module), `testkit/` (the module that only tests import)"},
		{"internal/protofile", "reads `.proto` files as a compiler does"},
	},
	{{"internal/platform", "the Go that generated systems share: what of it a system uses, where it lies, and what it needs of other modules"}},
	{{"internal/plan/services", "services as Go: aggregates, commands, policies, views, clients, with every type and expression spelled"}},
	{
		{"internal/plan/gateway", "the single way in: which paths lead where, for whom"},
		{"internal/plan/proof", "what `esgen prove` is told of a system: commands and what they take, topics, steps of sagas"},
		{"internal/plan/protobuf", "what services offer over gRPC; numbers that stay"},
		{"internal/plan/python", "services as Python: what package services has planned, spelled anew"},
		{"internal/plan/stored", "what services store, and how what is stored already outlives a change: migrations, and what would be lost"},
		{"internal/plan/tests", "what the generated tests of a service need to know"},
		{"internal/plan/e2e", "the scenarios as a table, for whoever plays them on a system that runs"},
	},
	{
		{"internal/plan/promises", "what a system promises, of all promises those that its model has a use for"},
		{"internal/plan/deploy", "containers and clusters: what runs where, who may talk to whom, what is looked at"},
	},
	{{"internal/plan", "puts it together: checked model → units whose strings are final, for the pack"}},
	{{"internal/render", "plan → files in memory; Go is formatted and given its imports"}},
	{{"internal/tree", "compare with the disk, merge what is the user's, apply whole or not at all; knows no model"}},
	{
		{"internal/compat", "what changed between two contracts, and whom it breaks"},
		{"internal/devrun", "build and run a generated system on this machine"},
		{"internal/edit", "changes of a model's files, tried before they are written; nothing outside of its directory"},
		{"internal/lsp", "the language server: what editors ask of a model, over JSON-RPC"},
	},
	{
		{"internal/serve", "serves the page of a model on this machine, and follows its files"},
		{"internal/offline", "makes the page of a model one file that holds the interpreter, as WebAssembly"},
	},
	{
		{"internal/offline/player", "what plays a model in such a file"},
		{"internal/offline/pack", "builds it, for an esgen that has it built in"},
	},
	{{"internal/proving", "builds a generated system as one program whose services all run in virtual time, and has it prove itself"}},
	{{"internal/cli", "the commands, the only printing and the only exit codes"}},
	{{"cmd/esgen", "main"}},
}

// chassis and testkit are copied into generated systems, as far as they use
// them: they import nothing else of this repository, and nothing but tests
// imports them. What is linked into services does not import the testkit.
const (
	chassis = "templates/chassis/..."
	testkit = "templates/testkit/..."
)

// player is the one part of the testkit that esgen itself imports: scenarios are
// played on a running system by the same code, whether it is asked for by esgen
// or lies in the generated tree. Players write the table down, and have it played.
const player = "templates/testkit/live"

var players = []string{"internal/plan/e2e", "internal/plan/proof", "internal/plan", "internal/devrun", "internal/cli"}

// helpers are tools of the developers and helpers of tests. They may import
// anything but the command line; only tests import them.
var helpers = []string{
	"internal/conform", "internal/deps", "internal/importlaw", "internal/mutate", "internal/pins", "internal/randmodel", "internal/schematest", "internal/synthetic", "internal/testbrowser", "internal/testsample", "internal/testservers", "internal/testsystem",
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
	"github.com/go-json-experiment/json",
	"github.com/golang-jwt/jwt/v5",
	"github.com/google/uuid",
	"github.com/jackc/pgx/v5",
	"github.com/robfig/cron/v3",
	"github.com/pressly/goose/v3",
	"github.com/prometheus/client_golang",
	"github.com/rs/cors",
	"github.com/shopspring/decimal",
	"github.com/twmb/franz-go",
	"go.mongodb.org/mongo-driver/v2",
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc",
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
	"go.opentelemetry.io/otel",
	"go.yaml.in/yaml/v3",
	"golang.org/x/sync",
	"golang.org/x/term",
	"golang.org/x/time",
	"google.golang.org/genproto/googleapis/rpc",
	"google.golang.org/grpc",
	"google.golang.org/protobuf",
	"gopkg.in/yaml.v3",
	"modernc.org/sqlite",
}

// Objection says why a package, given by its path below Module, must not
// import another one; "" when it may. Of a test anything of this repository
// may be imported, so only files that are built into something are judged.
func Objection(pkg, imported string) string {
	theirs, ours := strings.CutPrefix(imported, Module+"/")
	switch {
	case within(pkg, chassis):
		return objectionOfCopied(imported, chassis)
	case within(pkg, testkit):
		return objectionOfCopied(imported, chassis, testkit)
	case !ours:
		return ""
	case within(theirs, player) && listed(pkg, players):
		return ""
	case (within(theirs, chassis) || within(theirs, testkit)) && !listed(pkg, helpers):
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

// objectionOfCopied allows what is copied into generated systems, the standard
// library and the libraries of generated services.
func objectionOfCopied(imported string, copied ...string) string {
	if below, ours := strings.CutPrefix(imported, Module+"/"); ours {
		if listed(below, copied) {
			return ""
		}
		return "a generated system has nothing of esgen but the chassis and, for its tests, the testkit"
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
	return slices.IndexFunc(layers, func(l []Package) bool {
		return slices.ContainsFunc(l, func(p Package) bool { return within(pkg, p.Path) })
	})
}

func listed(pkg string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return within(pkg, p) })
}

// within reports whether a path is the one of a pattern, or under it where the
// pattern ends in "/...".
func within(path, pattern string) bool {
	root, open := strings.CutSuffix(pattern, "/...")
	return path == root || open && strings.HasPrefix(path, root+"/")
}
