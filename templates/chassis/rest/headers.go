package rest

import (
	"net/http"
	"strings"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Headers of requests between services, beside traceparent; escaped like parts
// of a path. The public listener does not look at them.
const (
	HeaderKey         = "Esgen-Key"         // idempotency key
	HeaderCompensates = "Esgen-Compensates" // key of the command that this one undoes
	HeaderCorrelation = "Esgen-Correlation"
	HeaderCausation   = "Esgen-Causation"
	HeaderSubject     = "Esgen-Actor"       // subject of the actor on whose behalf
	HeaderRoles       = "Esgen-Actor-Roles" // separated by commas
)

// notModified tells whether the sender has this tag already.
func notModified(r *http.Request, tag string) bool {
	for _, list := range r.Header.Values("If-None-Match") {
		for _, known := range inbound.SplitList(list) {
			if known == "*" || strings.TrimPrefix(known, "W/") == tag {
				return true
			}
		}
	}
	return false
}
