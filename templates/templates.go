// Package templates holds the built-in pack: pack.yaml says what is rendered
// for which node of the plan, the .tmpl files print it, and chassis/ is the Go
// code that is copied into the output as the platform module.
package templates

import (
	"embed"
	"io/fs"
)

//go:embed pack.yaml all:pack all:pins
var files embed.FS

//go:embed all:chassis
var chassis embed.FS

// Builtin is the built-in pack: pack.yaml beside its templates.
func Builtin() fs.FS { return files }

// Chassis is the source of the platform module.
func Chassis() fs.FS {
	sub, err := fs.Sub(chassis, "chassis")
	if err != nil {
		panic(err) // the directory is embedded above
	}
	return sub
}

// ChassisImport is the import path of the chassis in this repository; in the
// output it becomes the platform module's.
const ChassisImport = "github.com/esgen/esgen/templates/chassis"
