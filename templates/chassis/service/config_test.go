package service_test

import (
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/templates/chassis/identity"
	"github.com/esgen/esgen/templates/chassis/inbound"
	"github.com/esgen/esgen/templates/chassis/service"
)

type config struct {
	service.Config
	PayURL string        `env:"PAY_URL,required,notEmpty"`
	Slow   time.Duration `env:"SLOW"`
}

func environment(change map[string]string) map[string]string {
	env := map[string]string{"DATABASE_URL": "sqlite:x.db", "KAFKA_BROKERS": "a:1,b:2", "PAY_URL": "http://pay"}
	for name, value := range change {
		if value == "-" {
			delete(env, name)
			continue
		}
		env[name] = value
	}
	return env
}

func TestLoad(t *testing.T) {
	c, err := service.LoadFrom[config](environment(map[string]string{"SHUTDOWN_GRACE": "10s", "AUTH": "dev"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.HTTPAddr != ":8080" || c.InternalAddr != ":8081" || len(c.KafkaBrokers) != 2 || c.ShutdownGrace != 10*time.Second || c.PayURL != "http://pay" || c.MaxBody != 1<<20 {
		t.Errorf("%+v", c)
	}
	if _, ok := c.Rest(nil).Authenticator.(inbound.DevHeaders); !ok {
		t.Errorf("%T", c.Authenticator())
	}
	if c, err = service.LoadFrom[config](environment(nil)); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Authenticator().(inbound.DenyAll); !ok {
		t.Errorf("%T", c.Authenticator())
	}
	issuer := map[string]string{"AUTH": "jwt", "OIDC_ISSUER": "https://id.example", "OIDC_AUDIENCE": "shop", "ROLES_CLAIM": "realm_access.roles"}
	if c, err = service.LoadFrom[config](environment(issuer)); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Authenticator().(*identity.Verifier); !ok {
		t.Errorf("%T", c.Authenticator())
	}
	if tel := c.Telemetry("front"); tel.OTLP || tel.Level != "info" || tel.Service != "front" {
		t.Errorf("%+v", tel)
	}
}

func TestLoadTellsEverythingAtOnce(t *testing.T) {
	_, err := service.LoadFrom[config](environment(map[string]string{
		"DATABASE_URL": "-", "KAFKA_BROKERS": "", "PAY_URL": "-", "SHUTDOWN_GRACE": "secret-value", "SLOW": "x", "MAX_IN_FLIGHT": "many",
	}))
	want := "configuration: DATABASE_URL is not set; KAFKA_BROKERS is empty; MAX_IN_FLIGHT must be a whole number; PAY_URL is not set; " +
		"SHUTDOWN_GRACE must be a duration such as 25s; SLOW must be a duration such as 25s"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestLoadRefusesValues(t *testing.T) {
	for name, change := range map[string]map[string]string{
		"LOG_LEVEL":             {"LOG_LEVEL": "loud"},
		"AUTH":                  {"AUTH": "none"},
		"OIDC_AUDIENCE":         {"AUTH": "jwt", "OIDC_ISSUER": "https://id.example"},
		"OIDC_ISSUER":           {"AUTH": "jwt", "OIDC_ISSUER": "secret.example", "OIDC_AUDIENCE": "shop"},
		"JWKS_URL":              {"AUTH": "jwt", "OIDC_ISSUER": "https://id.example", "OIDC_AUDIENCE": "shop", "JWKS_URL": "secret"},
		"KAFKA_USERNAME":        {"KAFKA_PASSWORD": "secret"},
		"KAFKA_CA_FILE":         {"KAFKA_CA_FILE": "secret.pem"},
		"HTTP_ADDR":             {"HTTP_ADDR": ":1", "INTERNAL_ADDR": ":1"},
		"SHUTDOWN_GRACE":        {"SHUTDOWN_GRACE": "0s"},
		"SHUTDOWN_DELAY":        {"SHUTDOWN_DELAY": "30s"},
		"MAX_IN_FLIGHT":         {"MAX_IN_FLIGHT": "-1"},
		"MAX_BODY_BYTES":        {"MAX_BODY_BYTES": "0"},
		"KAFKA_SESSION_TIMEOUT": {"KAFKA_SESSION_TIMEOUT": "5s"},
	} {
		_, err := service.LoadFrom[config](environment(change))
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := service.LoadFrom[config](environment(map[string]string{"AUTH": "x", "LOG_LEVEL": "x"}))
	if err == nil || !strings.Contains(err.Error(), "AUTH") || !strings.Contains(err.Error(), "LOG_LEVEL") {
		t.Error(err)
	}
}
