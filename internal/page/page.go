// Package page is the pages of esgen: one on which a model is looked at and
// played, and who may talk to what serves them. They are plain scripts and style sheets, without a build step.
package page

import (
	"embed"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/wall"
)

//go:embed web
var web embed.FS

// shared are the files that other pages have as well.
var shared = map[string]string{"wall.js": wall.Script, "wall.css": wall.Style}

// asset is a file of the pages.
func asset(name string) string {
	if text, is := shared[name]; is {
		return text
	}
	data, err := web.ReadFile("web/" + name)
	if err != nil {
		panic(err) // it is linked
	}
	return string(data)
}

// sheets are the style sheets of every page, in their order.
var sheets = []string{"wall.css", "page.css"}

// The scripts of the pages, each in their order.
var (
	common         = []string{"wall.js", "light.js", "make.js", "form.js"}
	modelScripts   = slices.Concat(common, []string{"ask_http.js", "play.js", "begin_http.js"})
	offlineScripts = slices.Concat(common, []string{"ask_wasm.js", "play.js", "begin_wasm.js"})
	deskScripts    = slices.Concat(common, []string{"ask_http.js", "desk.js"})
)

// Page is one of the pages: what is in it, and the scripts it runs, in their order.
type Page struct {
	title   string
	body    string
	scripts []string
}

// Model is the page of a model, for which a server answers.
func Model() *Page {
	return &Page{"esgen", "body.html", modelScripts}
}

// policy is the content security policy of a page: nothing runs that is not a
// script of its own, and nobody else is talked to.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Desk is the page of a system that runs.
func Desk() *Page {
	return &Page{"esgen", "body.html", deskScripts}
}

// With is the page with a title, and a text that stands in it.
func (p *Page) With(title, text string) string {
	of := *p
	of.title = title
	return of.around(of.head(), "<pre id=\"printed\" hidden>"+quote.HTML(text)+"</pre>\n")
}

// Serve answers for the page and its files: GET / and GET /web/….
func (p *Page) Serve(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		write(w, "text/html; charset=utf-8", p.around(p.head(), ""))
	})
	p.Files(mux)
}

// Files answers for the files of the page: GET /web/….
func (p *Page) Files(mux *http.ServeMux) {
	for _, name := range slices.Concat(sheets, p.scripts) {
		kind := "text/javascript; charset=utf-8"
		if path.Ext(name) == ".css" {
			kind = "text/css; charset=utf-8"
		}
		mux.HandleFunc("GET /web/"+name, func(w http.ResponseWriter, _ *http.Request) { write(w, kind, asset(name)) })
	}
}

func write(w http.ResponseWriter, kind, text string) {
	w.Header().Set("Content-Type", kind)
	_, _ = io.WriteString(w, text) // who has gone reads nothing
}

// head has the page's style sheets and scripts fetched.
func (p *Page) head() string {
	var head strings.Builder
	for _, s := range sheets {
		fmt.Fprintf(&head, "<link rel=\"stylesheet\" href=\"web/%s\">\n", s)
	}
	for _, s := range p.scripts {
		fmt.Fprintf(&head, "<script defer src=\"web/%s\"></script>\n", s)
	}
	return head.String()
}

func (p *Page) around(head, tail string) string {
	return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<link rel=\"icon\" href=\"data:,\">\n<title>" + quote.HTML(p.title) + "</title>\n" + head + "</head>\n<body>\n" + asset(p.body) + tail + "</body>\n</html>\n"
}
