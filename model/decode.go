package model

import (
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/internal/rule"
	"github.com/esgen/esgen/internal/source"
)

// This file is the small machine every family of nodes is read with. A form
// lists the keys a map may have; a key says what it means, how its value is
// read and where that goes; a reader reads one kind of value. The tables in
// the form_*.go files are all there is to the language's syntax.

// decoder reads nodes. It is passed by value: what is noted in a copy (the
// node being read, the notes it hangs on) holds below that node only.
type decoder struct {
	*loader
	context   *Context
	aggregate *Aggregate
	view      *View
	external  *External
	saga      *Saga

	computed bool // a plain value might be computed as well

	what  string // kind of what is being read: "command"
	about string // what is being read: "command PlaceOrder"
	key   string // the key whose value is being read, "" for the node itself
	item  bool   // it is an item of a list
}

// place names what is being read: "emit of command PlaceOrder".
func (d decoder) place() string {
	place := d.about
	if d.key != "" {
		place = d.key + " of " + place
	}
	if d.item {
		place = "an item of " + place
	}
	return place
}

// reader reads one kind of value into its place. read reports whether there
// was something to read; what is wrong with it has been reported then.
type reader[V any] struct {
	shape Shape
	read  func(d decoder, v *V, n *source.Node) bool
}

// key is one key of a form.
type key[T any] struct {
	name     string
	doc      string
	required bool
	// misplaced: it is known only to say that it belongs elsewhere.
	misplaced bool
	shape     Shape
	read      func(d decoder, t *T, n *source.Node)
}

// form is what a map of the language may hold.
type form[T any] struct {
	what  string // as messages call it: "command"
	doc   string
	keys  []key[T]
	short *key[T]                               // what may be written in place of the map
	note  func(*T) *Node                        // where its title and the like go; nil when it keeps none
	name  func(d decoder, n *source.Node)       // judges a name; nil: checkName
	enter func(d *decoder, t *T)                // before its keys are read: what hangs on it needs to know it
	done  func(d decoder, t *T, n *source.Node) // after: what several keys say together, and defaults
}

// at is a key whose value goes to a place of the node.
func at[T, V any](name, doc string, r reader[V], place func(*T) *V) key[T] {
	return key[T]{name: name, doc: doc, shape: r.shape, read: func(d decoder, t *T, n *source.Node) {
		r.read(d, place(t), n)
	}}
}

// judged is a key whose value is read and kept elsewhere.
func judged[T, V any](name, doc string, r reader[V]) key[T] {
	return at(name, doc, r, func(*T) *V { return new(V) })
}

// section is a key that holds a map of named nodes, or a list of their names.
func section[T, N any](name, doc string, f *form[N], place func(*T) *[]*N) key[T] {
	return key[T]{name: name, doc: doc, shape: namesOf(f), read: func(d decoder, t *T, n *source.Node) {
		readNamed(d, f, place(t), n)
	}}
}

// must marks a key as required.
func must[T any](k key[T]) key[T] {
	k.required = true
	return k
}

// short is what may stand in place of a form's map.
func short[T, V any](r reader[V], place func(*T) *V) *key[T] {
	k := at("", "", r, place)
	return &k
}

// readInto reads a map, or its short form, into a node. Nothing at all leaves
// a name alone.
func (f *form[T]) readInto(d decoder, t *T, n *source.Node) {
	if f.enter != nil {
		f.enter(&d, t)
	}
	d.key = ""
	switch {
	case n.IsEmpty():
	case n.Kind == source.Mapping:
		f.readKeys(d, t, n)
	case f.short != nil && f.short.shape.accepts(n.Kind):
		f.short.read(d, t, n)
	default:
		if d.here(n.Value) {
			f.offerKeys(d, n)
		}
		d.wrongKind(n, f.wants()).With(f.asMap(n))
	}
	if f.done != nil {
		f.done(d, t, n)
	}
}

// wants says what may stand in the form's place.
func (f *form[T]) wants() string {
	if f.short == nil {
		return "a map"
	}
	return or(f.short.shape.Says, "a map")
}

// asMap suggests the map that a lone value stands for, where one key alone is
// required.
func (f *form[T]) asMap(n *source.Node) diag.Option {
	var required []string
	for i := range f.keys {
		if f.keys[i].required {
			required = append(required, f.keys[i].name)
		}
	}
	if len(required) != 1 || n.Kind != source.Scalar || f.short != nil {
		return none
	}
	return diag.Fix("write {%s: %s}", required[0], n.Value)
}

// or adds to a list of alternatives what is not among them: "a or b" becomes
// "a, b or c".
func or(alternatives, another string) string {
	if i := strings.LastIndex(alternatives, " or "); i >= 0 {
		listed := alternatives[:i] + ", " + alternatives[i+len(" or "):]
		if slices.Contains(strings.Split(listed, ", "), another) {
			return alternatives
		}
		alternatives = listed
	}
	return alternatives + " or " + another
}

// none adds nothing to a diagnostic.
func none(*diag.Diagnostic) {}

func (f *form[T]) readKeys(d decoder, t *T, n *source.Node) {
	d.item = false
	for i := range n.Pairs {
		k, v := n.Pairs[i].Key, n.Pairs[i].Value
		d.key = k.Value
		if known := f.find(k.Value); known != nil {
			known.read(d, t, v)
		} else if !f.readNote(d, t, k, v) {
			if d.here(k.Value) {
				f.offerKeys(d, n)
			}
			d.unknownKey(n, i, f.keyNames())
		}
	}
	for i := range f.keys {
		if f.keys[i].required && n.Get(f.keys[i].name) == nil {
			d.key = ""
			d.diags.Errorf(rule.MissingKey, n.Pos, "%s needs the key %q: %s", d.about, f.keys[i].name, asClause(f.keys[i].doc))
		}
	}
}

// asClause turns a sentence into a clause.
func asClause(s string) string {
	return strings.ToLower(s[:1]) + strings.TrimSuffix(s[1:], ".")
}

func (f *form[T]) find(name string) *key[T] {
	for i := range f.keys {
		if f.keys[i].name == name {
			return &f.keys[i]
		}
	}
	return nil
}

// readNote reads the keys that every node has.
func (f *form[T]) readNote(d decoder, t *T, k, v *source.Node) bool {
	for i := range noteKeys {
		if noteKeys[i].name != k.Value {
			continue
		}
		note := &Node{}
		if f.note != nil {
			note = f.note(t)
		}
		d.what = f.what
		noteKeys[i].read(d, note, v)
		return true
	}
	return false
}

func (f *form[T]) keyNames() []string {
	names := make([]string, 0, len(f.keys)+len(noteKeys))
	for i := range f.keys {
		names = append(names, f.keys[i].name)
	}
	for i := range noteKeys {
		names = append(names, noteKeys[i].name)
	}
	return names
}

// noteKeys are the keys of every node.
var noteKeys = []key[Node]{
	at("title", "The name in the language of the business.", title, func(n *Node) *quote.Text { return &n.Title }),
	at("description", "Free text.", text, func(n *Node) *quote.Text { return &n.Description }),
	at("code", "The identifier, where the name is of another script.", identifier, func(n *Node) *string { return &n.Code }),
	wasKey,
	at("hotspots", "Open questions that hang on the note.", oneOrMore(placedText), func(n *Node) *[]Text { return &n.Hotspots }),
	at("covers", "Ids of the requirements the note covers.", oneOrMore(requirementRef), func(n *Node) *[]Text { return &n.Covers }),
}

// readNamed reads a map of named nodes, or a list of their names, and appends
// them to what the place already holds from other files.
func readNamed[T any](d decoder, f *form[T], place *[]*T, n *source.Node) {
	n = d.within(n, f.what, len(*place))
	switch {
	case n.IsEmpty():
	case n.Kind == source.Mapping:
		for i := range n.Pairs {
			readNode(d, f, place, n.Pairs[i].Key, n.Pairs[i].Value)
		}
	case n.Kind == source.Sequence:
		for _, item := range n.Items {
			if d.isName(item, f.what) {
				readNode(d, f, place, item, nil)
			}
		}
	default:
		d.wrongKind(n, "a map or a list of names")
	}
}

// isName reports whether an item of a list of names is one.
func (d decoder) isName(item *source.Node, what string) bool {
	if item.Kind == source.Scalar && !item.IsEmpty() {
		return true
	}
	d.diags.Errorf(rule.WrongKind, item.Pos, "a list in %s holds names only, not %s", d.place(), kindOf(item)).
		With(diag.Fix("write a map, with the name of each %s as its key", what))
	return false
}

// readNode reads a named node; a nil or empty value leaves it a name alone.
func readNode[T any](d decoder, f *form[T], place *[]*T, name, value *source.Node) {
	if name.Kind != source.Scalar {
		return
	}
	t := new(T)
	note := f.note(t)
	note.Name, note.Pos = nfc(name.Value), name.Pos
	d.about = f.what + " " + note.Name
	d.key = ""
	if f.name != nil {
		f.name(d, name)
	} else {
		d.checkName(name)
	}
	f.readInto(d, t, value)
	if d.declare(place, f.what, note) {
		*place = append(*place, t)
	}
}

// declare notes the name of a node and reports whether it is the first of that
// name in its place.
func (d decoder) declare(place any, what string, note *Node) bool {
	k := declared{place, note.Name}
	if first, ok := d.declared[k]; ok {
		d.diags.Errorf(rule.DuplicateName, note.Pos, "%s %s is here twice", what, note.Name).
			With(diag.At(first, "the first %s", note.Name), diag.Fix("rename one, or put together what both say"))
		return false
	}
	d.declared[k] = note.Pos
	return true
}

// declared is a name in the section it stands in.
type declared struct {
	place any
	name  string
}

func (d decoder) unknownKey(n *source.Node, i int, valid []string) {
	k := n.Pairs[i].Key
	fix := near(k.Value, valid)
	if key, text := cutText(n, i); text != "" && diag.DidYouMean(k.Value, valid) == "" {
		fix = diag.Fix("a comma ends a text between { and }; write %s: %q", key, text)
	}
	d.diags.Errorf(rule.UnknownKey, k.Pos, "%s has no key %q", d.about, k.Value).With(fix)
}

// cutText is the text that entry i of a map may be a part of, and its key: YAML
// ends a text between braces at its comma, and takes the rest for a key without
// a value. It is "" where that cannot be.
func cutText(n *source.Node, i int) (key, text string) {
	bare := func(p source.Pair) bool { return p.Value.IsEmpty() }
	first := i
	for first > 0 && bare(n.Pairs[first]) {
		first--
	}
	before := n.Pairs[first]
	if n.Style != source.Flow || first == i || before.Value.Kind != source.Scalar || before.Value.Style != source.Plain || bare(before) {
		return "", ""
	}
	text = before.Value.Value
	for _, p := range n.Pairs[first+1:] {
		if !bare(p) {
			break
		}
		text += ", " + p.Key.Value
	}
	return before.Key.Value, text
}

// wrongKind reports a value that is not what may stand in its place.
func (d decoder) wrongKind(n *source.Node, want string) *diag.Diagnostic {
	id := rule.WrongKind
	if n.IsEmpty() {
		id = rule.MissingValue
	}
	return d.diags.Errorf(id, n.Pos, "%s must be %s, not %s", d.place(), want, kindOf(n))
}

// badValue reports a value of the right kind that says something impossible.
func (d decoder) badValue(pos source.Pos, format string, args ...any) *diag.Diagnostic {
	return d.diags.Errorf(rule.BadValue, pos, format, args...)
}

func kindOf(n *source.Node) string {
	if n.IsEmpty() {
		return "nothing"
	}
	return n.Kind.String()
}

// near names the nearest of the valid words or, of few, all.
func near(word string, valid []string) diag.Option {
	if best := diag.Nearest(word, valid); best != "" {
		return diag.Meant(best)
	}
	switch {
	case len(valid) == 0 || len(valid) > 12:
		return none
	case len(valid) == 1:
		return diag.Fix("there is only %s", valid[0])
	}
	return diag.Fix("one of %s", strings.Join(valid, ", "))
}

// nearest names the nearest of the valid words only.
func nearest(word string, valid []string) diag.Option {
	if best := diag.Nearest(word, valid); best != "" {
		return diag.Meant(best)
	}
	return none
}

// one reads a node that has no name.
func one[T any](f *form[T]) reader[T] {
	return reader[T]{shape: mapOf(f), read: func(d decoder, t *T, n *source.Node) bool {
		if n.IsEmpty() {
			d.wrongKind(n, f.wants())
			return false
		}
		d.about = f.what + " of " + d.about
		f.readInto(d, t, n)
		return true
	}}
}

// pointer makes an absent value tell itself from an empty one.
func pointer[V any](r reader[V]) reader[*V] {
	return reader[*V]{shape: r.shape, read: func(d decoder, v **V, n *source.Node) bool {
		x := new(V)
		if !r.read(d, x, n) {
			return false
		}
		*v = x
		return true
	}}
}

// listOf reads a list.
func listOf[V any](r reader[V]) reader[[]V] {
	return reader[[]V]{shape: Shape{Kind: ListShape, Of: &r.shape, Says: "a list"},
		read: func(d decoder, v *[]V, n *source.Node) bool {
			if n.IsEmpty() {
				return false
			}
			if n.Kind != source.Sequence {
				d.wrongKind(n, "a list")
				return false
			}
			d.item = true
			readItems(d, r, v, n.Items)
			return true
		}}
}

// oneOrMore reads a list, or what would be its only item.
func oneOrMore[V any](r reader[V]) reader[[]V] {
	return reader[[]V]{shape: Shape{Kind: OneOrMoreShape, Of: &r.shape, Says: or(r.shape.Says, "a list")},
		read: func(d decoder, v *[]V, n *source.Node) bool {
			switch {
			case n.IsEmpty():
				d.wrongKind(n, or(r.shape.Says, "a list"))
				return false
			case n.Kind == source.Sequence:
				d.item = true
				readItems(d, r, v, n.Items)
			default:
				readItems(d, r, v, []*source.Node{n})
			}
			return true
		}}
}

// readItems keeps the items that could be read. The result is never nil: an
// empty list is something.
func readItems[V any](d decoder, r reader[V], v *[]V, items []*source.Node) {
	if len(items) > maxListed {
		d.tooMany(items[0].Pos, len(items), maxListed)
		items = items[:maxListed]
	}
	out := make([]V, len(items))
	kept := 0
	for _, item := range items {
		if r.read(d, &out[kept], item) {
			kept++
		}
	}
	*v = out[:kept]
}
