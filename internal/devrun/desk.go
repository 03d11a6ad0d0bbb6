package devrun

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/issuer"
	pages "github.com/esgen/esgen/internal/page"
	"github.com/esgen/esgen/internal/play"
)

// desk is a server for who works on the system: a page on which the system is
// used and looked at, and the issuer of tokens.
type desk struct {
	url    string
	server *http.Server
	wall   func() *play.Wall
	offers func() *contract.System
}

// openDesk starts the desk.
func (s *System) openDesk() error {
	addr, err := s.ports.take("_desk")
	if err != nil {
		return err
	}
	d := &desk{url: "http://" + strings.Replace(addr, "127.0.0.1", "localhost", 1)}
	d.wall = sync.OnceValue(func() *play.Wall { return play.Of(s.opts.System.Model, &diag.List{}) })
	d.offers = sync.OnceValue(func() *contract.System { return contract.Build(s.opts.System.Model) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page)
	pages.Desk().Files(mux)
	mux.HandleFunc("POST /ask/{question}", s.ask)
	mux.HandleFunc("GET /changes", s.changes)
	if s.opts.Auth == AuthJWT {
		if s.issuer, err = issuer.Open(IssuerFile(s.opts.Dir), "http://"+addr, s.opts.System.ID); err != nil {
			return err
		}
		mux.Handle("/", s.issuer.Handler())
	}
	l, err := net.Listen("tcp", addr) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return err
	}
	d.server = &http.Server{Handler: pages.Guard(mux), ReadHeaderTimeout: 5 * time.Second}
	s.desk = d
	go func() { _ = d.server.Serve(l) }() // ends with close
	return nil
}

func (d *desk) close() { _ = d.server.Close() }

// Desk is where a page tells what there is.
func (s *System) Desk() string { return s.desk.url }

// page tells what there is: as text or, to a browser, as a page.
func (s *System) page(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = fmt.Fprint(w, s.Page())
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, pages.Desk().With(string(s.opts.System.Title), s.Page()))
}

// deskAsked is what the page of the desk asks.
type deskAsked struct {
	Do      string       `json:"do"`
	With    play.Values  `json:"with"`
	Who     *play.Person `json:"who"`
	Service string       `json:"service"`
	ID      int64        `json:"id"`
}

// largestQuestion bounds what the page asks, in bytes.
const largestQuestion = 4 << 20

// ask answers a question of the page.
func (s *System) ask(w http.ResponseWriter, r *http.Request) {
	var asked deskAsked
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, largestQuestion)).Decode(&asked); err != nil {
		http.Error(w, "the question is not understood: "+err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := s.deskAnswer(r, asked)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // who has gone reads nothing
}

func (s *System) deskAnswer(r *http.Request, asked deskAsked) (any, error) {
	switch question := r.PathValue("question"); question {
	case "model":
		return s.deskModel(), nil
	case "do":
		return s.deskDo(r.Context(), asked)
	case "query":
		return s.deskQuery(r.Context(), asked)
	case "views":
		return s.deskViews(r.Context(), asked.Who), nil
	case "parked":
		return s.deskParked(r.Context()), nil
	case "replay", "skip":
		return s.deskDecide(r.Context(), question, asked)
	case "calls":
		return s.deskCalls(r.Context())
	default:
		return nil, fmt.Errorf("there is no question %q", question)
	}
}
