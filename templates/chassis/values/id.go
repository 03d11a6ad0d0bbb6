package values

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
)

// ID names an instance. It is opaque: any text of up to MaxID bytes will do.
type ID string

// MaxID is how many bytes an ID may have.
const MaxID = 200

// NewID makes an ID nobody else makes; later ones sort behind earlier ones.
func NewID() ID { return ID(uuid.Must(uuid.NewV7()).String()) }

// IDs are the new IDs of one piece of work. Work that starts again, rewound,
// gets those that it had.
type IDs struct {
	of   []string // what they are derived from; nothing: nobody else has them
	made []ID
	next int
}

// IDsOf are the new IDs of work that may be done again, by whoever: of the same
// parts they are the same.
func IDsOf(parts ...string) *IDs { return &IDs{of: parts} }

// TheseIDs are new IDs that are known beforehand: those given, and then others.
func TheseIDs(made ...ID) *IDs { return &IDs{made: made} }

// New is the next ID.
func (s *IDs) New() ID {
	if s.next == len(s.made) {
		s.made = append(s.made, s.another())
	}
	s.next++
	return s.made[s.next-1]
}

func (s *IDs) another() ID {
	if len(s.of) == 0 {
		return NewID()
	}
	return DeriveID(append(slices.Clip(s.of), strconv.Itoa(s.next))...)
}

// Rewind begins from the first ID again.
func (s *IDs) Rewind() { s.next = 0 }

// DeriveID makes an ID of what it is for: the same parts give the same ID, on
// any machine, at any time.
func DeriveID(parts ...string) ID {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x80 // version 8: made by a rule of one's own
	id[8] = id[8]&0x3f | 0x80 // variant of RFC 9562
	return ID(id.String())
}

// Check says what is wrong with an ID from outside.
func (id ID) Check() error {
	switch {
	case id == "":
		return errors.New("the id is empty")
	case len(id) > MaxID:
		return errors.New("the id is too long")
	case !utf8.ValidString(string(id)):
		return errors.New("the id is no UTF-8 text")
	}
	for _, r := range id {
		if unicode.IsControl(r) {
			return errors.New("the id has a control character")
		}
	}
	return nil
}
