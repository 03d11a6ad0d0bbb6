package protobuf

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/esgen/esgen/internal/protofile"
	"github.com/esgen/esgen/internal/quote"
)

// number gives the fields and enum values of a contract their numbers. On the
// wire there is nothing but numbers, so one that was given stays: the .proto of
// the time before, which lies in the output, is the record. There
//
//   - a field or value keeps its number as long as its name and its type stay,
//   - what is new, or of a new type, gets a number that was never used,
//   - what is gone leaves its number reserved, even with its whole message.
func (p *File) number(earlier fs.FS) error {
	record, err := readNumbers(earlier, "services/"+p.Service.Dir+"/api/"+p.Name)
	if err != nil {
		return err
	}
	p.Recorded = len(record.order) > 0
	for _, m := range p.Messages {
		n := record.take(record.messages, m.Name)
		for _, f := range m.Fields {
			f.Number = n.give(f.Name, strings.TrimPrefix(f.Type, "optional "))
		}
		m.Reserved = n.reserved()
	}
	for _, e := range p.Enums {
		n := record.take(record.enums, e.Name)
		for _, v := range e.Values {
			v.Number = n.give(v.Name, "")
		}
		e.Reserved = n.reserved()
	}
	p.keepGone(record)
	return nil
}

// keepGone keeps the numbers of messages and enums that are gone.
func (p *File) keepGone(record *numbers) {
	const gone = "Gone from the model. Its numbers stay taken, should it come back."
	for _, name := range record.order {
		if n := record.messages[name]; n != nil && len(n.taken) > 0 {
			p.Messages = append(p.Messages, &Message{Name: name, Doc: gone, Reserved: n.reserved()})
		}
		if n := record.enums[name]; n != nil {
			p.Enums = append(p.Enums, &Enum{Name: name, Doc: gone, Zero: n.zero, Reserved: n.reserved()})
		}
	}
}

// numbers are those that the file of the time before has given.
type numbers struct {
	messages, enums map[string]*numbered
	order           []string
}

// numbered are the numbers of one message or enum.
type numbered struct {
	number map[string]int    // by name of field
	kind   map[string]string // by name of field: its type
	taken  []int             // ever
	names  []string          // ever
	used   map[int]bool      // now
	usedBy map[string]bool   // now
	zero   string            // of an enum: the name of 0
}

func newNumbered() *numbered {
	return &numbered{number: map[string]int{}, kind: map[string]string{}, used: map[int]bool{}, usedBy: map[string]bool{}}
}

// take hands out the numbers of a message or enum; what nobody takes is gone.
func (*numbers) take(of map[string]*numbered, name string) *numbered {
	n := of[name]
	delete(of, name)
	if n == nil {
		n = newNumbered()
	}
	return n
}

// Numbers that protobuf keeps for itself.
const firstOwn, lastOwn = 19000, 19999

// give finds the number of a field of a type.
func (n *numbered) give(name, kind string) int {
	number, known := n.number[name]
	if !known || n.kind[name] != kind {
		number = 1
		if len(n.taken) > 0 {
			number = max(slices.Max(n.taken), 0) + 1
		}
		if number >= firstOwn && number <= lastOwn {
			number = lastOwn + 1
		}
		n.taken = append(n.taken, number)
	}
	n.used[number], n.usedBy[name] = true, true
	return number
}

// reserved says which numbers and names nobody may use.
func (n *numbered) reserved() []string {
	var out, quoted []string
	free := slices.DeleteFunc(slices.Clone(n.taken), func(i int) bool { return n.used[i] })
	if len(free) > 0 {
		out = append(out, ranges(free))
	}
	gone := slices.DeleteFunc(slices.Clone(n.names), func(name string) bool { return n.usedBy[name] })
	slices.Sort(gone)
	for _, name := range slices.Compact(gone) {
		quoted = append(quoted, quote.Proto(name))
	}
	if len(quoted) > 0 {
		out = append(out, strings.Join(quoted, ", "))
	}
	return out
}

// ranges writes numbers as "2, 4 to 6".
func ranges(list []int) string {
	slices.Sort(list)
	list = slices.Compact(list)
	var parts []string
	for i := 0; i < len(list); {
		j := i
		for j+1 < len(list) && list[j+1] == list[j]+1 {
			j++
		}
		part := strconv.Itoa(list[i])
		if j > i {
			part += " to " + strconv.Itoa(list[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// mostReserved bounds a reserved range: what esgen writes is far below it.
const mostReserved = 100_000

// readNumbers reads the numbers of an earlier file; of none there are none.
func readNumbers(earlier fs.FS, path string) (*numbers, error) {
	out := &numbers{messages: map[string]*numbered{}, enums: map[string]*numbered{}}
	if earlier == nil {
		return out, nil
	}
	text, err := fs.ReadFile(earlier, path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	file, err := protofile.Parse(path, text)
	if err != nil {
		return nil, fmt.Errorf("the numbers of fields are kept in a file that cannot be read: %w\n"+
			"bring it back from version control; without it the fields are numbered anew, which breaks clients that have it", err)
	}
	for i := range file.Messages().Len() {
		m := file.Messages().Get(i)
		out.messages[string(m.Name())] = numberedMessage(m)
		out.order = append(out.order, string(m.Name()))
	}
	for i := range file.Enums().Len() {
		e := file.Enums().Get(i)
		out.enums[string(e.Name())] = numberedEnum(e)
		out.order = append(out.order, string(e.Name()))
	}
	return out, nil
}

func numberedMessage(m protoreflect.MessageDescriptor) *numbered {
	n := newNumbered()
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		n.know(string(f.Name()), int(f.Number()), kindOf(f))
	}
	for i := range m.ReservedRanges().Len() {
		r := m.ReservedRanges().Get(i)
		n.reserve(int(r[0]), int(r[1])-1)
	}
	n.knowGone(m.ReservedNames())
	return n
}

func numberedEnum(e protoreflect.EnumDescriptor) *numbered {
	n := newNumbered()
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		if v.Number() == 0 {
			n.zero = string(v.Name())
			continue
		}
		n.know(string(v.Name()), int(v.Number()), "")
	}
	for i := range e.ReservedRanges().Len() {
		r := e.ReservedRanges().Get(i)
		n.reserve(int(r[0]), int(r[1]))
	}
	n.knowGone(e.ReservedNames())
	return n
}

func (n *numbered) know(name string, number int, kind string) {
	n.number[name], n.kind[name] = number, kind
	n.taken, n.names = append(n.taken, number), append(n.names, name)
}

func (n *numbered) knowGone(gone protoreflect.Names) {
	for i := range gone.Len() {
		n.names = append(n.names, string(gone.Get(i)))
	}
}

func (n *numbered) reserve(from, to int) {
	for i := max(from, 1); i <= min(to, from+mostReserved); i++ {
		n.taken = append(n.taken, i)
	}
}

// kindOf is the type of a field as the plan writes it, without "optional".
func kindOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "map<" + single(f.MapKey()) + ", " + single(f.MapValue()) + ">"
	case f.IsList():
		return "repeated " + single(f)
	}
	return single(f)
}

func single(f protoreflect.FieldDescriptor) string {
	var d protoreflect.Descriptor
	switch {
	case f.Message() != nil:
		d = f.Message()
	case f.Enum() != nil:
		d = f.Enum()
	default:
		return f.Kind().String()
	}
	if d.ParentFile() == f.ParentFile() {
		return string(d.Name())
	}
	return string(d.FullName())
}
