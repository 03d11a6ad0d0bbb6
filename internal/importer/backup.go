package importer

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/esgen/esgen/internal/board"
)

// A board backup of Miro (.rtb) is an archive of JSON: meta.json tells the version,
// board.json the name, canvas.json has what is on the board. Miro says nothing of it
// in public; the names are those of backups and of programs that write some for Miro
// to read, of the versions 1.2 and 1.3. Since 1.4 canvas.json is encrypted.
type (
	backupMeta struct {
		Version           string
		EncryptionVersion string
	}
	backupBoard  struct{ Name string }
	backupCanvas struct {
		Widgets struct {
			Objects map[string][]json.RawMessage
		}
	}
	// backupWidget is something on the board: a note, a shape, a text, or a line.
	backupWidget struct {
		ID            json.Number
		X, Y          float64 // of its middle
		Width, Height float64
		Scale         float64
		Text          string
		Style         struct {
			SBC *int // colour of a note, as a number
			BC  *int // of a shape; -1: none
		}
		PrimaryLink, SecondaryLink *struct{ WidgetID json.Number }
	}
)

// MiroBackup reads a board backup of Miro that is not encrypted.
func MiroBackup(data []byte, said Colours) (*Sketch, error) {
	s, err := miroBackup(data, said)
	if err != nil {
		return nil, fmt.Errorf("miro-backup: %w", err)
	}
	return s, nil
}

func miroBackup(data []byte, said Colours) (*Sketch, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var meta backupMeta
	if err := decode(archive, "meta.json", &meta); err != nil {
		return nil, err
	}
	if meta.EncryptionVersion != "" {
		return nil, errors.New("the backup is encrypted, which only Miro reads: export the board as CSV, or take what Miro's REST API answers (GET …/items and …/connectors)")
	}
	var named backupBoard
	var canvas backupCanvas
	if err := errors.Join(decode(archive, "board.json", &named), decode(archive, "canvas.json", &canvas)); err != nil {
		return nil, err
	}
	var read backupReader
	for _, kind := range slices.Sorted(maps.Keys(canvas.Widgets.Objects)) {
		for _, raw := range canvas.Widgets.Objects[kind] {
			if err := read.widget(kind, raw); err != nil {
				return nil, fmt.Errorf("canvas.json: %s: %w", short(kind), err)
			}
		}
	}
	s, err := sketch(read.shapes, read.arrows, said)
	if err != nil {
		return nil, err
	}
	s.Title = named.Name
	for _, kind := range slices.Sorted(maps.Keys(read.left)) {
		s.Left = append(s.Left, fmt.Sprintf("%d of Miro's kind %q", read.left[kind], short(kind)))
	}
	return s, nil
}

// decode reads a file of an archive, which is not larger than any board is.
func decode(archive *zip.Reader, name string, into any) error {
	file, err := archive.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, mostInflated+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case len(data) > mostInflated:
		return fmt.Errorf("%s is larger than %d MiB: no board is", name, mostInflated>>20)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

type backupReader struct {
	shapes []*shape
	arrows []Arrow
	left   map[string]int // of kinds that are none of ours
}

func (r *backupReader) widget(kind string, raw json.RawMessage) error {
	var w backupWidget
	switch kind {
	case "stickers", "shapes", "texts", "lines":
		if err := json.Unmarshal(raw, &w); err != nil {
			return err
		}
	}
	switch {
	case kind == "lines" && w.PrimaryLink != nil && w.SecondaryLink != nil:
		r.arrows = append(r.arrows, Arrow{w.PrimaryLink.WidgetID.String(), w.SecondaryLink.WidgetID.String()})
	case kind == "stickers":
		r.shapes = append(r.shapes, w.shape(w.Style.SBC))
	case kind == "shapes":
		r.shapes = append(r.shapes, w.shape(w.Style.BC))
	case kind == "texts":
		r.shapes = append(r.shapes, w.shape(nil))
	default:
		if r.left == nil {
			r.left = map[string]int{}
		}
		r.left[kind]++
	}
	return nil
}

// shape is a widget as something drawn, in a colour that is a number: red, green and
// blue, a byte each.
func (w *backupWidget) shape(colour *int) *shape {
	scale := cmp.Or(w.Scale, 1)
	b := board.Box{W: pixels(cmp.Or(w.Width, miroSticky) * scale), H: pixels(cmp.Or(w.Height, miroSticky) * scale)}
	b.X, b.Y = pixels(w.X)-b.W/2, pixels(w.Y)-b.H/2
	s := &shape{id: w.ID.String(), text: untagged(w.Text), box: b}
	if colour != nil && *colour >= 0 && *colour <= 0xffffff {
		s.fill = fmt.Sprintf("#%06x", *colour)
	}
	return s
}
