package importer

import (
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// decoded is a file as UTF-8 without a mark of its own: spreadsheets save UTF-16, and
// editors begin files with a byte order mark, which no format knows.
func decoded(data []byte) []byte {
	out, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return data
	}
	return out
}
