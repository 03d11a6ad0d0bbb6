package devrun

import (
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/esgen/esgen/internal/issuer"
)

// issuing is the issuer of tokens while it answers.
type issuing struct {
	*issuer.Issuer
	server *http.Server
}

// IssuerFile is where a system that runs, or has run, in a directory keeps the
// issuer of its tokens.
func IssuerFile(dir string) string { return filepath.Join(dir, ".esgen", "data", "issuer.json") }

// startIssuer starts the issuer, unless headers are believed.
func (s *System) startIssuer() error {
	if s.opts.Auth == AuthDev {
		return nil
	}
	addr, err := s.ports.take("issuer")
	if err != nil {
		return err
	}
	i, err := issuer.Open(IssuerFile(s.opts.Dir), "http://"+addr, s.opts.System.ID)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return err
	}
	server := &http.Server{Handler: i.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with close
	s.issuer = &issuing{i, server}
	return nil
}

func (i *issuing) close() { _ = i.server.Close() }

// identity tells a process how it recognises actors.
func (s *System) identity() []string {
	if s.issuer == nil {
		return []string{"AUTH=" + AuthDev}
	}
	return []string{"AUTH=" + AuthJWT, "OIDC_ISSUER=" + s.issuer.URL, "OIDC_AUDIENCE=" + s.issuer.Audience}
}

// Token is a token for somebody with roles, good for an hour.
func (s *System) Token(subject string, roles ...string) (string, error) {
	if s.issuer == nil {
		return "", errors.New("there are no tokens: headers are believed")
	}
	return s.issuer.Token(subject, roles, time.Hour)
}

// Sign is a token of any claims, signed by the issuer; a test's means to be
// wrong in a single respect.
func (s *System) Sign(claims map[string]any) (string, error) {
	if s.issuer == nil {
		return "", errors.New("there are no tokens: headers are believed")
	}
	return s.issuer.Sign(claims)
}

// Issuer is the iss of tokens, and where their issuer is asked for its key;
// "" when headers are believed.
func (s *System) Issuer() string {
	if s.issuer == nil {
		return ""
	}
	return s.issuer.URL
}
