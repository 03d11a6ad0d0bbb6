package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

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
	scheme, _, _ := strings.Cut(c.DatabaseURL, ":")
	errs.refuse(scheme != "postgres" && scheme != "postgresql" && scheme != "sqlite", "DATABASE_URL must begin with postgres:// or sqlite:")
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
