package given

import (
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

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
		if h.Key == "content-type" {
			m[MetadataContentType] = string(h.Value)
		}
	}
	return m
}

// OfMetadata is a record as contracts know it: Metadata reads it.
func OfMetadata(metadata map[string]string, data []byte) *kgo.Record {
	r := &kgo.Record{Value: data}
	for _, name := range slices.Sorted(maps.Keys(metadata)) {
		switch value := metadata[name]; name {
		case MetadataTopic:
			r.Topic = value
		case MetadataKey:
			r.Key = []byte(value)
		case MetadataContentType:
		default:
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: []byte(value)})
		}
	}
	return r
}
