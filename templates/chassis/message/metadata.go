package message

import "github.com/twmb/franz-go/pkg/kgo"

// Names of the metadata that a record has beside its headers, in contracts.
const (
	MetadataTopic       = "kafka_topic"
	MetadataKey         = "key"
	MetadataContentType = "contentType"
)

// Metadata is what contracts know of a record beside its data: its headers,
// its topic and its key.
func Metadata(r *kgo.Record) map[string]string {
	m := map[string]string{MetadataTopic: r.Topic, MetadataKey: string(r.Key)}
	for _, h := range r.Headers {
		m[h.Key] = string(h.Value)
		if h.Key == headerContentType {
			m[MetadataContentType] = string(h.Value)
		}
	}
	return m
}
