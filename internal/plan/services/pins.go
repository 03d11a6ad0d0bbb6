package services

import (
	"io/fs"

	"github.com/esgen/esgen/templates"
)

// GoVersion is the language version of generated modules.
const GoVersion = "1.26.0"

// Pins are the pinned dependencies of the generated modules; see command
// internal/pins.
type Pins struct {
	Platform    ModulePins
	Service     ModulePins
	ServiceGRPC ModulePins // of a service that answers over gRPC too
	Exclude     string
}

// ModulePins are the dependencies of one module.
type ModulePins struct {
	Require string // lines of the require block
	Sum     string // go.sum
}

// Pins are the pinned dependencies of the service.
func (s *Service) Pins() ModulePins {
	if s.GRPC {
		return s.System.Pins.ServiceGRPC
	}
	return s.System.Pins.Service
}

func pins() (Pins, error) {
	var out Pins
	for name, into := range map[string]*string{
		"platform.require": &out.Platform.Require, "platform.sum": &out.Platform.Sum,
		"service.require": &out.Service.Require, "service.sum": &out.Service.Sum,
		"service-grpc.require": &out.ServiceGRPC.Require, "service-grpc.sum": &out.ServiceGRPC.Sum,
		"exclude": &out.Exclude,
	} {
		data, err := fs.ReadFile(templates.Builtin(), "pins/"+name)
		if err != nil {
			return out, err
		}
		*into = string(data)
	}
	return out, nil
}
