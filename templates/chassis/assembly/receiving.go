package assembly

import (
	"errors"

	"github.com/esgen/esgen/templates/chassis/foreign"
	"github.com/esgen/esgen/templates/chassis/rest"
	"github.com/esgen/esgen/templates/chassis/signature"
	"github.com/esgen/esgen/templates/chassis/store"
)

// Receiving is the part of a service that takes in what a system of somebody else
// tells by webhooks, signed with one of the secrets.
func Receiving(db *store.DB, hook foreign.Webhook, secrets string) Part {
	read, err := signature.Parse(secrets)
	return Part{
		Routes: func(router *rest.Router) { hook.Receive(router, db, read) },
		Err:    errors.Join(err, hook.Err()),
	}
}
