// Package regular decides questions about texts: whether there is one that some
// patterns find something in and others do not. Patterns are made machines of
// states, and all of them read the same text side by side.
package regular

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// Machine reads a text, character by character.
type Machine interface {
	start() int
	step(state int, r rune) int
	accepts(state int) bool
	// cuts are the characters at which the machine begins to behave otherwise.
	cuts() []rune
	// rests reports whether a state is never left, whatever comes: nothing more
	// need be read for this machine.
	rests(state int) bool
	// work is what the machine has done so far.
	work() int
}

// A search is given up beyond so many states, or so much work: more than
// patterns of people need, and little enough to be done at once.
const (
	maxStates = 20_000
	maxWork   = 20_000_000
)

// Find looks for a text of which the machines, in their order, say what is
// wanted: one of the shortest. It reports whether there is one, and whether
// that could be decided at all within bounds.
func Find(machines []Machine, wanted func(accepts []bool) bool) (text string, found, decided bool) {
	s := &search{machines: machines, wanted: wanted, known: map[string]bool{}, letters: letters(machines)}
	first := make([]int, len(machines))
	for i, m := range machines {
		first[i] = m.start()
	}
	s.meet(first, -1, 0)
	for at := 0; at < len(s.nodes); at++ {
		if s.says(s.nodes[at].states) {
			return s.spell(at), true, true
		}
		if len(s.nodes) > maxStates || s.work() > maxWork {
			return "", false, false
		}
		s.onward(at)
	}
	return "", false, true
}

// search is a walk through the states that machines are in together, the
// nearest first.
type search struct {
	machines []Machine
	wanted   func([]bool) bool
	letters  []rune
	nodes    []node
	known    map[string]bool
}

type node struct {
	states []int
	from   int
	letter rune
}

func (s *search) work() int {
	sum := len(s.nodes) * len(s.letters) * len(s.machines)
	for _, m := range s.machines {
		sum += m.work()
	}
	return sum
}

func (s *search) says(states []int) bool {
	out := make([]bool, len(states))
	for i, m := range s.machines {
		out[i] = m.accepts(states[i])
	}
	return s.wanted(out)
}

func (s *search) meet(states []int, from int, letter rune) {
	key := make([]byte, 0, 4*len(states))
	for _, n := range states {
		key = append(key, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	if !s.known[string(key)] {
		s.known[string(key)] = true
		s.nodes = append(s.nodes, node{states, from, letter})
	}
}

func (s *search) onward(at int) {
	states := s.nodes[at].states
	rest := true
	for i, m := range s.machines {
		rest = rest && m.rests(states[i])
	}
	if rest {
		return
	}
	for _, r := range s.letters {
		next := make([]int, len(states))
		for i, m := range s.machines {
			next[i] = m.step(states[i], r)
		}
		s.meet(next, at, r)
	}
}

func (s *search) spell(at int) string {
	var out []rune
	for ; s.nodes[at].from >= 0; at = s.nodes[at].from {
		out = append(out, s.nodes[at].letter)
	}
	slices.Reverse(out)
	return string(out)
}

// pleasant are characters that people like to see in an example.
var pleasant = []rune("a0Ab1- .@_가x")

// letters has one character for all that no machine tells apart.
func letters(machines []Machine) []rune {
	cuts := []rune{0, 0xD800, 0xE000} // what lies between the last two is in no text
	for _, m := range machines {
		cuts = append(cuts, m.cuts()...)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []rune
	for i, low := range cuts {
		high := rune(utf8.MaxRune)
		if i+1 < len(cuts) {
			high = cuts[i+1] - 1
		}
		if low > high || low == 0xD800 || low > utf8.MaxRune {
			continue
		}
		letter := low
		if j := slices.IndexFunc(pleasant, func(r rune) bool { return low <= r && r <= high }); j >= 0 {
			letter = pleasant[j]
		} else if low == 0 && high > '!' {
			letter = '!'
		}
		out = append(out, letter)
	}
	// The pleasant ones first: they make the examples.
	slices.SortStableFunc(out, func(a, b rune) int { return liking(a) - liking(b) })
	return out
}

func liking(r rune) int {
	if i := slices.Index(pleasant, r); i >= 0 {
		return i
	}
	return len(pleasant)
}

// Length is the machine of texts of so many characters as are counted: holds is
// asked of lengths up to the bound, and of bound+1 for all that are longer.
func Length(bound int, holds func(length int) bool) Machine { return length{bound, holds} }

type length struct {
	bound int
	holds func(int) bool
}

func (length) start() int                   { return 0 }
func (l length) step(state int, _ rune) int { return min(state+1, l.bound+1) }
func (l length) accepts(state int) bool     { return l.holds(state) }
func (length) cuts() []rune                 { return nil }
func (l length) rests(state int) bool       { return state > l.bound }
func (length) work() int                    { return 0 }

// Pattern is the machine of the texts that a pattern (RE2) is found in.
func Pattern(pattern string) (Machine, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil, err
	}
	m := &matcher{prog: prog, numbers: map[string]int{}}
	m.number(place{done: true}) // found, state 0
	m.number(place{before: -1})
	return m, nil
}

// matcher is a pattern's program, all of whose threads are followed at once.
type matcher struct {
	prog    *syntax.Prog
	places  []place
	numbers map[string]int
	steps   []map[rune]int
	visits  int
}

// place is where the threads are: what they execute next, and the kind of
// character before.
type place struct {
	done    bool // it has been found: nothing undoes that
	before  rune // -1: none; else one that stands for all that ^ $ and \b do not tell apart
	threads []uint32
}

const found, beginning = 0, 1

func (m *matcher) start() int           { return beginning }
func (m *matcher) rests(state int) bool { return state == found }
func (m *matcher) work() int            { return m.visits }

func (m *matcher) number(p place) int {
	key := []byte{0, byte(p.before), byte(p.before >> 8)}
	if p.done {
		key[0] = 1
	}
	for _, t := range p.threads {
		key = append(key, byte(t), byte(t>>8), byte(t>>16))
	}
	n, ok := m.numbers[string(key)]
	if !ok {
		n = len(m.places)
		m.numbers[string(key)] = n
		m.places = append(m.places, p)
		m.steps = append(m.steps, map[rune]int{})
	}
	return n
}

func (m *matcher) accepts(state int) bool {
	p := m.places[state]
	if p.done {
		return true
	}
	_, matched := m.follow(p, -1)
	return matched
}

func (m *matcher) step(state int, r rune) int {
	if state == found {
		return found
	}
	if n, ok := m.steps[state][r]; ok {
		return n
	}
	n := found
	if threads, matched := m.follow(m.places[state], r); !matched {
		next := place{before: kindOf(r)}
		for _, t := range threads {
			if inst := &m.prog.Inst[t]; inst.MatchRune(r) {
				next.threads = append(next.threads, inst.Out)
			}
		}
		slices.Sort(next.threads)
		next.threads = slices.Compact(next.threads)
		n = m.number(next)
	}
	m.steps[state][r] = n
	return n
}

// follow lists what reads a character once everything is done that reads none,
// between what stands before and the character to come (-1: the end). A new
// thread begins everywhere: the pattern may be found anywhere.
func (m *matcher) follow(p place, next rune) (reading []uint32, matched bool) {
	holds := syntax.EmptyOpContext(p.before, next)
	seen := make([]bool, len(m.prog.Inst))
	m.visits += len(seen) / 16 // to clear them is work as well
	var visit func(pc uint32)
	visit = func(pc uint32) {
		if seen[pc] {
			return
		}
		seen[pc] = true
		m.visits++
		inst := &m.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			visit(inst.Out)
			visit(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			visit(inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^holds == 0 {
				visit(inst.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			reading = append(reading, pc)
		}
	}
	for _, t := range p.threads {
		visit(t)
	}
	visit(uint32(m.prog.Start))
	return reading, matched
}

// kindOf is a character that ^ $ and \b treat as they do another.
func kindOf(r rune) rune {
	switch {
	case r == '\n':
		return r
	case syntax.IsWordChar(r):
		return 'a'
	}
	return ' '
}

func (m *matcher) cuts() []rune {
	out := []rune{'\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1}
	for i := range m.prog.Inst {
		inst := &m.prog.Inst[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1:
			if len(inst.Rune) == 1 {
				out = append(out, inst.Rune[0], inst.Rune[0]+1)
				for f := unicode.SimpleFold(inst.Rune[0]); f != inst.Rune[0]; f = unicode.SimpleFold(f) {
					out = append(out, f, f+1)
				}
				continue
			}
			for j := 0; j+1 < len(inst.Rune); j += 2 {
				out = append(out, inst.Rune[j], inst.Rune[j+1]+1)
			}
		}
	}
	return out
}
