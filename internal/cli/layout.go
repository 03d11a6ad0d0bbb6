package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/model"
)

// layout is what the flags of a command say of where the modules of a system
// lie, in place of the model.
type layout struct{ layout, platform string }

func (l *layout) flags(flags *pflag.FlagSet) {
	flags.StringVar(&l.layout, "layout", "", "workspace: one repository with all services; standalone: one for each (default: what the model says)")
	flags.StringVar(&l.platform, "platform", "", "copy: the services come with what they have in common; module: they require it, at the version of this esgen;\n"+
		"PATH@VERSION: they require what was released there (default: what the model says)")
}

// of is the layout of a model, with what the flags say.
func (l layout) of(sys *model.System) (platform.Layout, error) {
	out, err := plan.LayoutOf(sys)
	switch l.layout {
	case "":
	case "workspace", "standalone":
		out.Standalone = l.layout == "standalone"
	default:
		return out, usage(fmt.Sprintf("--layout cannot be %q", l.layout), "workspace or standalone")
	}
	switch l.platform {
	case "":
	case "copy":
		out.Release, err = platform.Release{}, nil
	default:
		out.Release, err = release(l.platform)
	}
	return out, err
}

// release is what --platform names.
func release(text string) (platform.Release, error) {
	if text == "module" {
		text = platform.DefaultPath + "@" + strings.TrimSuffix(version(), "+dirty")
	}
	r, err := platform.ParseRelease(text)
	if err != nil {
		return r, usage("--platform: "+err.Error(), "name path and version of a release: --platform example.com/kit@v1.2.0")
	}
	return r, nil
}
