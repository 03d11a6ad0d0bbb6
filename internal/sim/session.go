package sim

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/model"
)

// Session is a world that somebody plays with, a line at a time. Lines are
// those that Help describes.
type Session struct {
	// Ask is asked for what a line left out; nil: nobody is there to be asked.
	// It answers false when nobody answers.
	Ask func(prompt string) (answer string, ok bool)

	model *check.Model
	at    time.Time
	out   io.Writer
	world *World
	who   actor
	as    string // who, as a person says it
	done  []doneLine

	answered string // the whole line, when parts of it were asked for
}

// doneLine is a line that changed the world, with who said it: playing all but
// the last of them again is a step back.
type doneLine struct {
	text string
	who  actor
	as   string
}

// ErrQuit ends a session.
var ErrQuit = errors.New("quit")

// NewSession begins with a world of which nothing has happened yet.
func NewSession(m *check.Model, at time.Time, out io.Writer) *Session {
	if at.IsZero() {
		at = model.FirstDay
	}
	return &Session{model: m, at: at, out: out, world: New(m, at), who: actor{system: true}, as: "the system"}
}

// verb is what a line begins with.
type verb struct {
	name    string
	usage   string // what follows the name
	says    string
	changes bool // the world
	run     func(s *Session, rest string) error
}

// verbs are what lines begin with, in the order of help.
func verbs() []verb {
	return []verb{
		{"as", "ACTOR [SUBJECT] | system", "be somebody from now on", false, (*Session).be},
		{"can", "", "list what you can do and see now", false, (*Session).can},
		{"do", "COMMAND {field: value, …}", "give a command", true, (*Session).do},
		{"see", "VIEW | VIEW.QUERY {field: value, …} | AGGREGATE ID", "look at what you may see", false, (*Session).see},
		{"tell", "EXTERNAL.EVENT {field: value, …}", "let another system say what happened there", true, (*Session).tell},
		{"given", "EVENT {field: value, …}", "let something have happened before", true, (*Session).history},
		{"script", "EXTERNAL.OPERATION [fails | slow 2s] [{reply field: value, …}]", "say how another system answers", true, (*Session).script},
		{"down", "CONTEXT | EXTERNAL", "take it away", true, (*Session).shut},
		{"up", "CONTEXT | EXTERNAL", "bring it back", true, (*Session).open},
		{"advance", "DURATION", "let time pass", true, (*Session).advance},
		{"state", "AGGREGATE [ID]", "print instances", false, (*Session).state},
		{"rows", "VIEW", "print all rows of a view", false, (*Session).rows},
		{"waiting", "", "list what waits, and for what", false, (*Session).waiting},
		{"chain", "", "print all that happened, as a tree of causes", false, (*Session).chain},
		{"undo", "", "take the last step back", false, (*Session).undo},
		{"help", "", "list these commands", false, (*Session).help},
		{"quit", "", "leave", false, func(*Session, string) error { return ErrQuit }},
	}
}

// Run does what a line says and prints what comes of it. Empty lines and those
// that begin with # say nothing. An error says what is wrong with the line; the
// world is as it was then.
func (s *Session) Run(line string) error {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' {
		return nil
	}
	name, rest, _ := strings.Cut(line, " ")
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return v.name == name })
	if i < 0 {
		var known []string
		for _, v := range all {
			known = append(known, v.name)
		}
		if help := diag.DidYouMean(name, known); help != "" {
			return fmt.Errorf("%q is no command: %s", name, help)
		}
		return fmt.Errorf("%q is no command; help lists them", name)
	}
	v := all[i]
	if !v.changes {
		return v.run(s, strings.TrimSpace(rest))
	}
	return s.change(v, strings.TrimSpace(rest))
}

// change does what changes the world, and shows what followed.
func (s *Session) change(v verb, rest string) error {
	effects, events := s.world.effects, len(s.world.log)
	s.answered = ""
	before := doneLine{v.name + " " + rest, s.who, s.as}
	if err := v.run(s, rest); err != nil {
		return err
	}
	if s.answered != "" {
		before.text = v.name + " " + s.answered
	}
	if err := s.world.Settle(); err != nil {
		fmt.Fprintln(s.out, err)
	}
	s.done = append(s.done, before)
	_ = PrintTrace(s.out, since(s.world.roots, effects)) // who prints there sees it fail
	s.touched(events)
	return nil
}

// touched prints the instances that events happened to.
func (s *Session) touched(from int) {
	seen := map[string]bool{}
	for _, h := range s.world.log[from:] {
		a := h.Event.Aggregate
		if a == nil || seen[a.Name+"/"+h.Instance] {
			continue
		}
		seen[a.Name+"/"+h.Instance] = true
		if i := s.world.store(a).find(h.Instance); i != nil {
			fmt.Fprintf(s.out, "state %s.%s %s\n", a.Context.Name, a.Name, showFields(i.state, fieldNames(a.ID, a.State)))
		} else {
			fmt.Fprintf(s.out, "state %s.%s %s is gone\n", a.Context.Name, a.Name, h.Instance)
		}
	}
}

// undo plays all steps but the last again.
func (s *Session) undo(string) error {
	if len(s.done) == 0 {
		return errors.New("there is no step to take back")
	}
	last := s.done[len(s.done)-1]
	if err := s.replay(s.done[:len(s.done)-1]); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "taken back: %s\n", last.text)
	return nil
}

// replay makes the world what it is after some steps.
func (s *Session) replay(steps []doneLine) error {
	again := NewSession(s.model, s.at, io.Discard)
	for _, d := range steps {
		again.who, again.as = d.who, d.as
		if err := again.Run(d.text); err != nil {
			return fmt.Errorf("%s cannot be played again: %w", d.text, err)
		}
	}
	s.world, s.done = again.world, again.done
	return nil
}

func (s *Session) help(string) error {
	for _, v := range verbs() {
		fmt.Fprintf(s.out, "%s %s\n    %s\n", v.name, v.usage, v.says)
	}
	return nil
}

// Help describes the lines of a session.
func Help() string {
	var b strings.Builder
	s := Session{out: &b}
	_ = s.help("") // a strings.Builder takes everything
	return b.String()
}

func (s *Session) waiting(string) error {
	list := s.world.Waiting()
	for _, w := range list {
		fmt.Fprintln(s.out, w)
	}
	for _, f := range s.world.faults {
		fmt.Fprintf(s.out, "%s cannot go on: %s\n", f.Name, f.Message)
	}
	if len(list)+len(s.world.faults) == 0 {
		fmt.Fprintln(s.out, "nothing waits")
	}
	return nil
}

func (s *Session) chain(string) error { return PrintTrace(s.out, s.world.roots) }
