package documents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// document is a JSON object as a document. Numbers of the language are whole; its
// decimals are texts in JSON.
func document(object json.RawMessage) (bson.D, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.UseNumber()
	v, err := value(decoder)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	d, ok := v.(bson.D)
	if !ok {
		return nil, errors.New("state: it is no object")
	}
	return d, nil
}

// value is the next value of a text of JSON; nil with a delimiter: a list or an
// object ends.
func value(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return list(decoder)
		}
		return object(decoder)
	case json.Number:
		return token.Int64()
	}
	return token, nil
}

func list(decoder *json.Decoder) (bson.A, error) {
	a := bson.A{}
	for decoder.More() {
		v, err := value(decoder)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := decoder.Token()
	return a, err
}

func object(decoder *json.Decoder) (bson.D, error) {
	d := bson.D{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		v, err := value(decoder)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		d = append(d, bson.E{Key: escape.Replace(fmt.Sprint(name)), Value: v})
	}
	_, err := decoder.Token()
	return d, err
}

// Names of a document's members cannot have all that the keys of a map may have.
var (
	escape   = strings.NewReplacer("%", "%25", ".", "%2E", "$", "%24", "\x00", "%00")
	unescape = strings.NewReplacer("%25", "%", "%2E", ".", "%24", "$", "%00", "\x00")
)

// jsonOf is what document made a document of.
func jsonOf(v any) (json.RawMessage, error) {
	var out bytes.Buffer
	if err := write(&out, v); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return out.Bytes(), nil
}

func write(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case bson.D:
		return writeAll(out, '{', '}', len(v), func(i int) error {
			if err := write(out, unescape.Replace(v[i].Key)); err != nil {
				return err
			}
			out.WriteByte(':')
			return write(out, v[i].Value)
		})
	case bson.A:
		return writeAll(out, '[', ']', len(v), func(i int) error { return write(out, v[i]) })
	case nil, bool, string, int32, int64:
		data, err := json.Marshal(v)
		out.Write(data)
		return err
	}
	return fmt.Errorf("a %T is nothing that was written here", v)
}

func writeAll(out *bytes.Buffer, begin, end byte, n int, each func(i int) error) error {
	out.WriteByte(begin)
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := each(i); err != nil {
			return err
		}
	}
	out.WriteByte(end)
	return nil
}
