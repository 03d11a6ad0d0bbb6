package sim

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/google/uuid"
)

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
