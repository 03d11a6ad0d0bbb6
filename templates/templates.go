// Package templates holds the built-in pack: pack.yaml says what is rendered
// for which node of the plan, the .tmpl files print it. Beside it is the Go
// that generated systems have a copy of: chassis/ is the platform module, and
// testkit/ the module that only their tests import.
package templates

import (
	"embed"
	"io/fs"
)

//go:embed pack.yaml all:pack all:pins
var files embed.FS

//go:embed all:python
var python embed.FS

//go:embed all:chassis all:testkit
var source embed.FS

// Builtin is the built-in pack: pack.yaml beside its templates.
func Builtin() fs.FS { return files }

// Python is the pack of services in Python, which lies beside the built-in one.
func Python() fs.FS {
	sub, err := fs.Sub(python, "python")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}

// Source has chassis and testkit.
func Source() fs.FS { return source }

// Chassis is the source of the platform module.
func Chassis() fs.FS {
	sub, err := fs.Sub(source, "chassis")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}

// Import is the import path of this package: those of chassis and testkit, as
// they are in this repository, begin with it.
const Import = "github.com/esgen/esgen/templates"
