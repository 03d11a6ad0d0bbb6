package rest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"
)

// PathDocument is where a service tells everybody what its public routes are.
const PathDocument = "/openapi.yaml"

// Document adds the route that tells what the public routes are, in OpenAPI.
func (r *Router) Document(openAPI []byte) {
	tag := fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(openAPI)))
	r.HandleOpen("GET "+PathDocument, func(w http.ResponseWriter, req *http.Request) error {
		w.Header().Set("Content-Type", "application/yaml")
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("ETag", tag)
		http.ServeContent(w, req, "", time.Time{}, bytes.NewReader(openAPI))
		return nil
	})
}
