package gateway

import (
	"bytes"
	"io/fs"
	"net/http"
	"path"
	"time"
)

// documentTypes are the media types of documents, by the ends of their names.
var documentTypes = map[string]string{".json": "application/json", ".yaml": "application/yaml"}

// documents adds a route for each file.
func (g *gateway) documents(files fs.FS) error {
	if files == nil {
		return nil
	}
	names, err := fs.Glob(files, "*")
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		g.router.HandleOpen("GET /"+name, g.document(name, data))
	}
	return nil
}

// document answers with a document as it is.
func (g *gateway) document(name string, data []byte) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := g.limit("address " + g.addressOf(r)); err != nil {
			return err
		}
		w.Header().Set("Content-Type", documentTypes[path.Ext(name)])
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
		return nil
	}
}
