package assembly

import (
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/esgen/esgen/templates/chassis/service"
)

// Kafka is how clients of the broker connect.
func Kafka(c service.Config) []kgo.Opt {
	options := []kgo.Opt{kgo.SeedBrokers(c.KafkaBrokers...)}
	if c.KafkaDial != nil {
		options = append(options, kgo.Dialer(c.KafkaDial))
	}
	if config, err := c.KafkaTLS(); err == nil && config != nil { // an error was reported when the configuration was read
		options = append(options, kgo.DialTLSConfig(config))
	}
	if c.KafkaUsername != "" {
		options = append(options, kgo.SASL(scram.Auth{User: c.KafkaUsername, Pass: c.KafkaPassword}.AsSha512Mechanism()))
	}
	return options
}
