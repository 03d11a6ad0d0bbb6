package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/scram"
	"gopkg.in/yaml.v3"

	"github.com/esgen/esgen/internal/testservers"
)

// TestRightsAtTheBroker runs the library at a broker that nobody reads or
// writes without a right, with the topics and the users of its manifests: the
// rights are enough for the services, over TLS, and no service has more.
func TestRightsAtTheBroker(t *testing.T) {
	opts := build(t, "../../examples/library/esgen.yaml", nil)
	authority, serve := certificate(t)
	options := []kfake.Opt{kfake.EnableSASL(), kfake.EnableACLs(), kfake.TLS(serve), kfake.Superuser("SCRAM-SHA-512", "admin", "admin")}
	strimzi := filepath.Join(opts.Dir, "deploy/kustomize/components/strimzi")
	topics := kafkaObjects(t, filepath.Join(strimzi, "topics.yaml"))
	for _, topic := range topics {
		options = append(options, kfake.SeedTopics(topic.Spec.Partitions, topic.Metadata.Name))
	}
	opts.Env = map[string][]string{}
	users := map[string]string{} // by service
	for _, user := range kafkaObjects(t, filepath.Join(strimzi, "users.yaml")) {
		service := user.Metadata.Labels["app.kubernetes.io/name"]
		users[service] = user.Metadata.Name
		opts.Env[service] = []string{"KAFKA_USERNAME=" + user.Metadata.Name, "KAFKA_PASSWORD=secret", "KAFKA_CA_FILE=" + authority}
		options = append(options, kfake.User("SCRAM-SHA-512", user.Metadata.Name, "secret", user.rights(t)...))
	}
	broker := testservers.FakeKafka(t, options...)
	opts.Kafka = broker.ListenAddrs()[0]
	s := started(t, opts)

	// an event goes from one service to the next, and back
	user, librarian := actor{"u1", "user"}, actor{"l1", "librarian"}
	s.services["book"].ask(t, librarian, 201, "POST /books", `{"bookId": "b1", "title": "DDD", "author": "Evans", "stock": 1}`)
	s.services["loan"].ask(t, user, 201, "POST /loans", `{"loanId": "l1", "bookId": "b1", "userId": "u1"}`)
	s.services["book"].becomes(t, user, "GET /views/catalogues/b1", map[string]any{"stock": 0})
	s.services["dashboard"].becomes(t, user, "GET /views/user-infos/u1", map[string]any{"borrowed": 1})

	// nobody writes to a topic that is somebody else's
	for service, user := range users {
		client, err := kgo.NewClient(kgo.SeedBrokers(opts.Kafka), kgo.DialTLSConfig(trusting(t, authority)),
			kgo.SASL(scram.Auth{User: user, Pass: "secret"}.AsSha512Mechanism()))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for _, topic := range topics {
			err := client.ProduceSync(t.Context(), &kgo.Record{Topic: topic.Metadata.Name, Value: []byte("forged")}).FirstErr()
			own := topic.Metadata.Labels["app.kubernetes.io/name"] == service
			// Who may write no topic at all is not even given the number of a producer.
			denied := errors.Is(err, kerr.TopicAuthorizationFailed) || errors.Is(err, kerr.ClusterAuthorizationFailed)
			if denied == own || err != nil && !denied {
				t.Errorf("%s writes to %s: %v", service, topic.Metadata.Name, err)
			}
		}
	}
}

// kafkaObject is a KafkaTopic or a KafkaUser, as far as this test looks.
type kafkaObject struct {
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		Partitions    int32
		Authorization struct {
			ACLs []struct {
				Resource struct {
					Type, Name  string
					PatternType string `yaml:"patternType"`
				}
				Operations []string
			} `yaml:"acls"`
		}
	}
}

func kafkaObjects(t *testing.T, file string) []kafkaObject {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []kafkaObject
	for documents := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var o kafkaObject
		if err := documents.Decode(&o); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, o)
	}
}

// rights are those of a user, as the operator gives them to the broker.
func (o kafkaObject) rights(t *testing.T) []kfake.ACL {
	t.Helper()
	types := map[string]kmsg.ACLResourceType{"topic": kmsg.ACLResourceTypeTopic, "group": kmsg.ACLResourceTypeGroup}
	patterns := map[string]kmsg.ACLResourcePatternType{"literal": kmsg.ACLResourcePatternTypeLiteral, "prefix": kmsg.ACLResourcePatternTypePrefixed}
	operations := map[string]kmsg.ACLOperation{"Read": kmsg.ACLOperationRead, "Write": kmsg.ACLOperationWrite,
		"Describe": kmsg.ACLOperationDescribe, "Delete": kmsg.ACLOperationDelete}
	var acls []kfake.ACL
	for _, rule := range o.Spec.Authorization.ACLs {
		for _, operation := range rule.Operations {
			acl := kfake.ACL{Resource: types[rule.Resource.Type], Name: rule.Resource.Name, Pattern: patterns[rule.Resource.PatternType],
				Operation: operations[operation], Allow: true}
			if acl.Resource == 0 || acl.Pattern == 0 || acl.Operation == 0 {
				t.Fatalf("this test does not know %+v %s", rule, operation)
			}
			acls = append(acls, acl)
		}
	}
	return acls
}

// certificate makes an authority, as a file, and what a broker needs to be
// known by it.
func certificate(t *testing.T) (authority string, serve *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	authority = filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return authority, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// trusting trusts an authority.
func trusting(t *testing.T, authority string) *tls.Config {
	t.Helper()
	data, err := os.ReadFile(authority)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(data)
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
