package gateway

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/rs/cors"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/rest"
)

// named gives every request a name, which it keeps on its way, and tells it to
// who asks.
func named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rest.RequestID(r)
		if id == "" {
			id = uuid.NewString()
		}
		r.Header.Set(rest.HeaderRequestID, id)
		w.Header().Set(rest.HeaderRequestID, id)
		next.ServeHTTP(w, r)
	})
}

// From lets web pages of these origins ask: https://shop.example. Tokens come in
// a header that no page sends by accident, so there are no credentials of the
// browser's own to be allowed.
func From(origins ...string) Pages {
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{
			"Authorization", "Content-Type", "If-Match", "If-None-Match", inbound.HeaderIdempotencyKey, rest.HeaderRequestID,
			inbound.HeaderActorID, inbound.HeaderActorRoles, "traceparent",
		},
		ExposedHeaders: []string{
			"ETag", "Link", "Location", "Retry-After", rest.HeaderRequestID, inbound.HeaderTrace, inbound.HeaderReplayed,
		},
		MaxAge: 600, // seconds; browsers believe little more
	}).Handler
}
