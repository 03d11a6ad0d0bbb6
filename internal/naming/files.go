package naming

import (
	"strings"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/model"
)

// PactFile is the file of what a consumer relies on in a provider. Two hyphens
// stand between names that have hyphens themselves, as no name does.
func PactFile(consumer, provider string) string {
	between := "-"
	if strings.Contains(consumer+provider, "-") {
		between = "--"
	}
	return consumer + between + provider + ".json"
}

// PageOf is the file of a context's page in the catalogue, beside README.md.
func PageOf(x *model.Context) string {
	name := names.Of(&x.Node).Kebab
	if name == "readme" || strings.HasSuffix(name, contextEnding) {
		name += contextEnding
	}
	return name + ".md"
}
