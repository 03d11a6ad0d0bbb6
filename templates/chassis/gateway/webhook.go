package gateway

import (
	"net/http"

	"github.com/esgen/esgen/templates/chassis/inbound"
)

// Webhook leads to a service, for everybody: what comes is signed, and the service
// looks whether it is so. "/pay/webhooks/pg" is "/webhooks/pg" of pay.
type Webhook struct{ Method, Path string }

func (h Webhook) add(g *gateway) {
	forward := g.toService(serviceOf(h.Path))
	g.router.HandleOpen(h.Method+" "+h.Path, func(w http.ResponseWriter, r *http.Request) error {
		if err := g.stranger(r); err != nil {
			return err
		}
		return forward(w, r, inbound.Actor{})
	})
}
