package rest

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/values"
)

// endpoint is one route: who may use it, and what it does.
type endpoint struct {
	router   *Router
	actors   []string
	internal bool
	open     bool // to everybody
	handle   handler
}

// ServeHTTP lets the right ones in, and answers errors.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := e.serve(w, r)
	if err == nil {
		return
	}
	p := inbound.ProblemOf(err)
	if p.Status >= 500 {
		// The cause is for those who run the service, not for who asked.
		e.router.config.Log.LogAttrs(r.Context(), slog.LevelWarn, "request failed",
			slog.String("route", r.Pattern), slog.String("code", p.Code), slog.Any("error", err))
	}
	WriteProblem(w, r, p)
}

func (e *endpoint) serve(w http.ResponseWriter, r *http.Request) (err error) {
	// What the model says is evaluated below: who may see a row, for one.
	defer values.Catch(&err)
	actor, err := e.identify(w, r)
	if err != nil {
		return err
	}
	return e.handle(w, r, actor)
}

// identify finds out who asks, and whether they may.
func (e *endpoint) identify(w http.ResponseWriter, r *http.Request) (inbound.Actor, error) {
	switch {
	case e.internal:
		return onBehalf(r)
	case e.open:
		return inbound.Actor{}, nil
	}
	authenticator := e.router.config.Authenticator
	actor, err := inbound.Identify(authenticator, r, e.actors)
	var p *inbound.Problem
	if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", authenticator.Challenge())
	}
	return actor, err
}

// onBehalf is the actor of a request between services: the one it is made for,
// passed on by a system.
func onBehalf(r *http.Request) (inbound.Actor, error) {
	subject, err := passedOn(r, HeaderSubject)
	if err != nil || subject != "" && values.ID(subject).Check() != nil {
		return inbound.Actor{}, inbound.BadHeader(HeaderSubject)
	}
	actor := inbound.Actor{Subject: values.ID(subject), System: true}
	for _, role := range inbound.SplitList(r.Header.Get(HeaderRoles)) {
		role, err := url.PathUnescape(role)
		if err != nil {
			return inbound.Actor{}, inbound.BadHeader(HeaderRoles)
		}
		actor.Roles = append(actor.Roles, role)
	}
	return actor, nil
}

// passedOn reads a header between services, which is escaped: ids are of any
// script.
func passedOn(r *http.Request, name string) (string, error) {
	text, err := url.PathUnescape(r.Header.Get(name))
	if err != nil || len(text) > inbound.MaxKey || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", inbound.BadHeader(name)
	}
	return text, nil
}

// wildcards lists the names in braces of a pattern.
func wildcards(pattern string) []string {
	var names []string
	for _, part := range strings.Split(pattern, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			if name, ok := strings.CutSuffix(name, "}"); ok {
				names = append(names, strings.TrimSuffix(name, "..."))
			}
		}
	}
	return names
}
