package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

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

// Config is what every service is told by its environment. A service embeds it
// in a struct of its own that has the addresses of what it depends on.
type Config struct {
	Server

	DatabaseURL  string   `env:"DATABASE_URL,required,notEmpty"`
	KafkaBrokers []string `env:"KAFKA_BROKERS,required,notEmpty"`
	// KafkaSession is how long the other replicas wait for one that does not
	// answer, until they take over what it consumed.
	KafkaSession time.Duration `env:"KAFKA_SESSION_TIMEOUT" envDefault:"15s"`
	// KafkaUsername and KafkaPassword are for SCRAM-SHA-512; empty: the broker
	// lets anybody in. KafkaCAFile has the authority of the broker's
	// certificate, in PEM; empty: no TLS.
	KafkaUsername string `env:"KAFKA_USERNAME"`
	KafkaPassword string `env:"KAFKA_PASSWORD"`
	KafkaCAFile   string `env:"KAFKA_CA_FILE"`
	// KafkaDial connects to the broker, where a test has a network of its own;
	// nil: that of the machine.
	KafkaDial func(ctx context.Context, network, address string) (net.Conn, error) `env:"-"`
}

// Load reads a struct of configuration from the environment. The error has
// every variable that is missing or wrong; values are not repeated, they may
// be secret.
func Load[C any]() (C, error) { return LoadFrom[C](env.ToMap(os.Environ())) }

// LoadFrom is Load from other variables than those of the process.
func LoadFrom[C any](environment map[string]string) (C, error) {
	var config C
	if err := env.ParseWithOptions(&config, env.Options{Environment: environment}); err != nil {
		return config, fmt.Errorf("configuration: %w", describe(err, reflect.TypeFor[C]()))
	}
	if err := validate(&config); err != nil {
		return config, fmt.Errorf("configuration: %w", err)
	}
	return config, nil
}

// validate asks a configuration for its own opinion.
func validate(config any) error {
	if v, ok := config.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

// Validate tells what is wrong beyond the types of the variables.
func (c *Config) Validate() error {
	errs := refusals{c.Server.Validate()}
	_, err := c.KafkaTLS()
	errs.refuse(err != nil, "KAFKA_CA_FILE must be a file of certificates in PEM")
	errs.refuse((c.KafkaUsername == "") != (c.KafkaPassword == ""), "KAFKA_USERNAME and KAFKA_PASSWORD belong together")
	errs.refuse(c.KafkaSession < minSession, "KAFKA_SESSION_TIMEOUT must be at least %s", minSession)
	return errors.Join(errs...)
}

// refusals are what is wrong with a configuration.
type refusals []error

func (r *refusals) refuse(bad bool, format string, args ...any) {
	if bad {
		*r = append(*r, fmt.Errorf(format, args...))
	}
}

// minSession is the least that brokers allow unless they are told otherwise.
const minSession = 6 * time.Second

// KafkaTLS is how the broker is known to be the right one; nil: it is not asked.
func (c *Config) KafkaTLS() (*tls.Config, error) {
	if c.KafkaCAFile == "" {
		return nil, nil //nolint:nilnil // no TLS is an answer
	}
	data, err := os.ReadFile(c.KafkaCAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s has no certificate", c.KafkaCAFile)
	}
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, nil
}

// describe names the variables, and keeps their values to itself.
func describe(err error, config reflect.Type) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	lines := make([]string, 0, len(all.Errors))
	for _, err := range all.Errors {
		lines = append(lines, explain(err, config))
	}
	slices.Sort(lines)
	return errors.New(strings.Join(slices.Compact(lines), "; "))
}

func explain(err error, config reflect.Type) string {
	var missing env.VarIsNotSetError
	var empty env.EmptyVarError
	var wrong env.ParseError
	switch {
	case errors.As(err, &missing):
		return missing.Key + " is not set"
	case errors.As(err, &empty):
		return empty.Key + " is empty"
	case errors.As(err, &wrong):
		return variableOf(wrong.Name, config) + " must be " + kindOf(wrong.Type)
	}
	return err.Error()
}

// kindOf says what a variable of a type must be.
func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 25s"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case reflect.Int <= t.Kind() && t.Kind() <= reflect.Uint64:
		return "a whole number"
	}
	return "a " + t.String()
}

// variableOf finds the variable of a field, in embedded structs too.
func variableOf(field string, config reflect.Type) string {
	if config.Kind() == reflect.Struct {
		if f, ok := config.FieldByName(field); ok {
			name, _, _ := strings.Cut(f.Tag.Get("env"), ",")
			return name
		}
	}
	return field
}
