package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/esgen/esgen/internal/expr"
)

// idsOf makes the ids of work that may be done again: the same parts give the same
// ids, one after the other.
func idsOf(parts ...string) func() string {
	n := -1
	return func() string {
		n++
		return deriveID(append(slices.Clip(parts), strconv.Itoa(n))...)
	}
}

// making is what can be named where ids are made for work with a key.
func making(vars map[string]any, key string) map[string]any {
	out := maps.Clone(vars)
	out[expr.NewID] = idsOf(key)
	return out
}

// deriveID makes an id of what it is for, as the generated services do: the
// same parts give the same id.
func deriveID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
