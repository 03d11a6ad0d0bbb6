package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/esgen/esgen/templates/chassis/identity"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/strictjson"
	"github.com/esgen/esgen/templates/chassis/telemetry"
)

// Server is what everything that is asked over HTTP is told by its environment,
// whether it keeps something or not.
type Server struct {
	HTTPAddr     string `env:"HTTP_ADDR" envDefault:":8080"`
	InternalAddr string `env:"INTERNAL_ADDR" envDefault:":8081"`

	LogLevel string `env:"LOG_LEVEL" envDefault:"info"`
	// Auth is how actors are recognised: "jwt" by tokens of an identity provider,
	// "dev" by headers that are believed. Empty: nobody is.
	Auth string `env:"AUTH"`
	// OIDCIssuer and OIDCAudience are what tokens must name. JWKSURL has the
	// issuer's keys; empty: it is discovered. RolesClaim is where tokens have the
	// roles, a path with dots: realm_access.roles.
	OIDCIssuer   string `env:"OIDC_ISSUER"`
	OIDCAudience string `env:"OIDC_AUDIENCE"`
	JWKSURL      string `env:"JWKS_URL"`
	RolesClaim   string `env:"ROLES_CLAIM" envDefault:"roles"`
	// OTLPEndpoint: traces are exported when it is set; OpenTelemetry reads it too.
	OTLPEndpoint string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	// Profiles: the internal address answers with profiles of the process, at
	// /debug/pprof/.
	Profiles bool `env:"PROFILES" envDefault:"false"`

	// ShutdownGrace is all the time that stopping may take; less than the
	// terminationGracePeriod of the pod.
	ShutdownGrace time.Duration `env:"SHUTDOWN_GRACE" envDefault:"25s"`
	// ShutdownDelay is how long requests are still taken after readiness is
	// off, until load balancers have noticed.
	ShutdownDelay time.Duration `env:"SHUTDOWN_DELAY" envDefault:"0s"`

	MaxInFlight       int           `env:"MAX_IN_FLIGHT" envDefault:"512"`
	MaxBody           int64         `env:"MAX_BODY_BYTES" envDefault:"1048576"`
	MaxDepth          int           `env:"MAX_JSON_DEPTH" envDefault:"32"`
	RequestTimeout    time.Duration `env:"REQUEST_TIMEOUT" envDefault:"25s"`
	ReadHeaderTimeout time.Duration `env:"READ_HEADER_TIMEOUT" envDefault:"5s"`
	ReadTimeout       time.Duration `env:"READ_TIMEOUT" envDefault:"15s"`
	IdleTimeout       time.Duration `env:"IDLE_TIMEOUT" envDefault:"75s"`

	// Listen opens the ways in, where a test has a network of its own; nil: that
	// of the machine.
	Listen Listen `env:"-"`
}

// Listen opens a way in.
type Listen func(ctx context.Context, network, address string) (net.Listener, error)

// Validate tells what is wrong beyond the types of the variables.
func (c *Server) Validate() error {
	var errs refusals
	errs.refuse(new(slog.LevelVar).UnmarshalText([]byte(c.LogLevel)) != nil, "LOG_LEVEL must be debug, info, warn or error")
	errs.refuse(c.Auth != "" && c.Auth != AuthDev && c.Auth != AuthJWT, "AUTH must be %s or %s, or not be set", AuthJWT, AuthDev)
	_, err := identity.New(c.identity())
	errs.refuse(c.Auth == AuthJWT && err != nil, "with AUTH=%s, OIDC_ISSUER and OIDC_AUDIENCE must be set; OIDC_ISSUER, and JWKS_URL where it is set, must be https://host or http://host", AuthJWT)
	errs.refuse(c.HTTPAddr == c.InternalAddr && !strings.HasSuffix(c.HTTPAddr, ":0"), "HTTP_ADDR and INTERNAL_ADDR must differ")
	for name, positive := range map[string]bool{
		"SHUTDOWN_GRACE": c.ShutdownGrace > 0, "MAX_IN_FLIGHT": c.MaxInFlight > 0, "MAX_BODY_BYTES": c.MaxBody > 0,
		"MAX_JSON_DEPTH": c.MaxDepth > 0, "REQUEST_TIMEOUT": c.RequestTimeout > 0, "READ_HEADER_TIMEOUT": c.ReadHeaderTimeout > 0,
		"READ_TIMEOUT": c.ReadTimeout > 0, "IDLE_TIMEOUT": c.IdleTimeout > 0,
	} {
		errs.refuse(!positive, "%s must be greater than zero", name)
	}
	errs.refuse(c.ShutdownDelay < 0 || c.ShutdownDelay >= c.ShutdownGrace, "SHUTDOWN_DELAY must be less than SHUTDOWN_GRACE")
	return errors.Join(errs...)
}

// The values of AUTH. AuthDev is for development: headers are believed.
const (
	AuthJWT = "jwt"
	AuthDev = "dev"
)

// Authenticator is how actors are recognised.
func (c *Server) Authenticator() inbound.Authenticator {
	switch c.Auth {
	case AuthDev:
		return inbound.DevHeaders{}
	case AuthJWT:
		if v, err := identity.New(c.identity()); err == nil {
			return v
		}
	}
	return inbound.DenyAll{}
}

func (c *Server) identity() identity.Config {
	return identity.Config{Issuer: c.OIDCIssuer, Audience: c.OIDCAudience, JWKS: c.JWKSURL, Roles: c.RolesClaim}
}

// Rest is how requests are taken.
func (c *Server) Rest(log *slog.Logger) inbound.Config {
	return inbound.Config{
		Authenticator: c.Authenticator(), Log: log, MaxBody: c.MaxBody, Timeout: c.RequestTimeout,
		Limits: strictjson.Limits{Depth: c.MaxDepth},
	}
}

// Telemetry is what is told of a service of this name, and where to.
func (c *Server) Telemetry(name string) telemetry.Config {
	return telemetry.Config{Service: name, Level: c.LogLevel, OTLP: c.OTLPEndpoint != ""}
}
