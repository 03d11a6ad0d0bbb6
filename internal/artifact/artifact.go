// Package artifact is what generation yields: files in memory, each with an
// owner.
package artifact

// Owner says who may change a file.
type Owner uint8

// The owners of a file.
const (
	Generated Owner = iota // esgen's: always rewritten, removed when its sticky is gone
	Seeded                 // the user's: written once, merged when its seed changes
)

func (o Owner) String() string {
	return [...]string{"generated", "seeded"}[o]
}

// File is one file of the output.
type File struct {
	Path  string // slash separated, relative to the output directory
	Data  []byte
	Owner Owner
}
