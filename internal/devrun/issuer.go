package devrun

import (
	"errors"
	"path/filepath"
	"time"
)

// IssuerFile is where a system that runs, or has run, in a directory keeps the
// issuer of its tokens.
func IssuerFile(dir string) string { return filepath.Join(dir, ".esgen", "data", "issuer.json") }

// identity tells a process how it recognises actors.
func (s *System) identity() []string {
	if s.issuer == nil {
		return []string{"AUTH=" + AuthDev}
	}
	return []string{"AUTH=" + AuthJWT, "OIDC_ISSUER=" + s.issuer.URL, "OIDC_AUDIENCE=" + s.issuer.Audience}
}

// Token is a token for somebody with roles, good for an hour.
func (s *System) Token(subject string, roles ...string) (string, error) {
	return s.TokenSaying(nil, subject, roles...)
}

// TokenSaying is a Token that says more: claims as headers say them, by their names.
func (s *System) TokenSaying(claims map[string]string, subject string, roles ...string) (string, error) {
	if s.issuer == nil {
		return "", errors.New("there are no tokens: headers are believed")
	}
	return s.issuer.TokenSaying(claims, subject, roles, time.Hour)
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
