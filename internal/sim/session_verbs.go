package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/model"
)

// be makes the session somebody.
func (s *Session) be(rest string) error {
	if rest == "system" {
		s.who, s.as = actor{system: true}, "the system"
		return nil
	}
	a, subject, err := target[*model.Actor](s, rest, "actor")
	if err != nil {
		return err
	}
	if subject == "" {
		subject = subjectOf(a)
	}
	s.who, s.as = actor{subject: subject, roles: []string{a.Role}}, a.Name+" "+subject
	return nil
}

// Who is who the session is, as a person says it.
func (s *Session) Who() string { return s.as }

func (s *Session) do(rest string) error {
	m, text, err := target[*model.Command](s, rest, "command")
	if err != nil {
		return err
	}
	fields := append([]*model.Field{m.Aggregate.ID}, m.Input...)
	input, err := s.fields(text, fields)
	if err != nil {
		return err
	}
	if text == "" {
		if err := s.askFor(input, fields); err != nil {
			return err
		}
		s.answered = s.model.NameOf(m) + " " + showFields(input, fieldNames(nil, fields))
	}
	s.world.Do(Request{Command: m, Input: input, Actor: s.who.subject, Roles: s.who.roles})
	return nil
}

func (s *Session) see(rest string) error {
	if a, id, err := target[*model.Aggregate](s, rest, "aggregate"); err == nil && id != "" && id[0] != '{' {
		return s.seeState(a, id)
	}
	seen, text, err := s.meant(rest, "view or query", s.model.NameSeen, func(x any) bool {
		switch x.(type) {
		case *model.View, *model.Query:
			return true
		}
		return false
	})
	if err != nil {
		return err
	}
	q := Question{Actor: s.who.subject, Roles: s.who.roles}
	switch x := seen.(type) {
	case *model.Query:
		q.Query, q.View = x, x.View
		if q.Input, err = s.fields(text, x.Takes()); err != nil {
			return err
		}
	case *model.View:
		q.View = x
		if text != "" {
			return fmt.Errorf("%s is looked at as a whole and takes nothing: ask one of its queries", s.model.NameSeen(x))
		}
	}
	a := s.world.Look(q)
	if a.Rejected != "" {
		fmt.Fprintf(s.out, "%s (%d): %s\n", a.Rejected, a.Status, a.Message)
		return nil
	}
	s.print(q.View, a.Rows)
	return nil
}

// seeState shows the state of an instance, as far as it may be seen.
func (s *Session) seeState(a *model.Aggregate, id string) error {
	seen := s.world.Look(Question{State: a, Input: map[string]any{a.ID.Name: id}, Actor: s.who.subject, Roles: s.who.roles})
	if seen.Rejected != "" {
		fmt.Fprintf(s.out, "%s (%d): %s\n", seen.Rejected, seen.Status, seen.Message)
		return nil
	}
	for range seen.Rows {
		s.printState(a, s.world.store(a).find(id))
	}
	return nil
}

// printState shows an instance with its meta, but for a field of that name.
func (s *Session) printState(a *model.Aggregate, i *instance) {
	all := map[string]any{"meta": i.stamps.value()}
	maps.Copy(all, i.state)
	names := fieldNames(a.ID, a.State)
	if !slices.Contains(names, "meta") {
		names = append(names, "meta")
	}
	fmt.Fprintln(s.out, showFields(all, names))
}

func (s *Session) print(v *model.View, rows []map[string]any) {
	if len(rows) == 0 {
		fmt.Fprintln(s.out, "no rows")
	}
	names := fieldNames(nil, v.Fields)
	if check.Stamped(v) {
		names = append(names, "meta")
	}
	for _, row := range rows {
		fmt.Fprintln(s.out, showFields(s.world.table(v).seen(row, nil), names))
	}
}

// happened reads an event with its fields.
func (s *Session) happened(rest string) (*model.Event, map[string]any, error) {
	e, text, err := target[*model.Event](s, rest, "event")
	if err != nil {
		return nil, nil, err
	}
	fields := e.Fields
	if e.Aggregate != nil {
		fields = append([]*model.Field{e.Aggregate.ID}, fields...)
	}
	values, err := s.fields(text, fields)
	if err != nil {
		return nil, nil, err
	}
	return e, values, s.world.Complete(e, fields, values)
}

func (s *Session) tell(rest string) error {
	e, fields, err := s.happened(rest)
	if err != nil {
		return err
	}
	if e.External == nil {
		return fmt.Errorf("%s is no event of another system: do gives commands, given makes history", e.Name)
	}
	s.world.Receive(e, fields)
	return nil
}

func (s *Session) history(rest string) error {
	e, fields, err := s.happened(rest)
	if err != nil {
		return err
	}
	if e.Aggregate == nil && e.External == nil {
		return fmt.Errorf("%s belongs to no aggregate yet", e.Name)
	}
	err = s.world.Given(e, fields, s.world.now)
	if a := e.Aggregate; err == nil && a != nil && !e.Deletes {
		id, _ := fields[a.ID.Name].(string)
		if refused := s.world.invariants(a, s.world.store(a).find(id)); refused != nil {
			err = refused
		}
	}
	if err != nil {
		if back := s.replay(s.done); back != nil {
			return back
		}
		return fmt.Errorf("this cannot have happened: %w", err)
	}
	return nil
}

func (s *Session) script(rest string) error {
	op, rest, err := target[*model.Operation](s, rest, "operation")
	if err != nil {
		return err
	}
	d := &Double{Operation: op}
	if more, ok := strings.CutPrefix(rest, "fails"); ok {
		d.Fails, rest = true, strings.TrimSpace(more)
	} else if more, ok := strings.CutPrefix(rest, "slow "); ok {
		text, more, _ := strings.Cut(more, " ")
		if d.Slow, err = model.ParseDuration(text); err != nil {
			return err
		}
		rest = strings.TrimSpace(more)
	}
	if d.Reply, err = s.fields(rest, op.Reply); err != nil {
		return err
	}
	s.world.Script(d)
	return nil
}

func (s *Session) shut(rest string) error { return s.fault(rest, false) }
func (s *Session) open(rest string) error { return s.fault(rest, true) }

func (s *Session) fault(rest string, up bool) error {
	for _, x := range s.model.Find(nil, rest) {
		switch x := x.(type) {
		case *model.Context:
			if up {
				s.world.Up(x)
			} else {
				s.world.Down(x)
			}
			return nil
		case *model.External:
			if up {
				s.world.UpExternal(x)
			} else {
				s.world.DownExternal(x)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no context or external system %s", rest)
}

func (s *Session) advance(rest string) error {
	d, err := model.ParseDuration(rest)
	if err != nil {
		return err
	}
	if err := s.world.Advance(d); err != nil {
		fmt.Fprintln(s.out, err)
	}
	fmt.Fprintf(s.out, "it is %s\n", s.world.now.In(s.model.Zone).Format("2006-01-02 15:04:05 MST"))
	return nil
}

func (s *Session) state(rest string) error {
	a, id, err := target[*model.Aggregate](s, rest, "aggregate")
	if err != nil {
		return err
	}
	ids := s.world.Instances(a)
	if id != "" {
		ids = []string{id}
	}
	if len(ids) == 0 {
		fmt.Fprintf(s.out, "there is no %s\n", a.Name)
	}
	for _, id := range ids {
		if i := s.world.store(a).find(id); i != nil {
			s.printState(a, i)
		} else {
			fmt.Fprintf(s.out, "there is no %s %s\n", a.Name, id)
		}
	}
	return nil
}

func (s *Session) rows(rest string) error {
	v, _, err := target[*model.View](s, rest, "view")
	if err != nil {
		return err
	}
	s.print(v, s.world.table(v).sorted())
	return nil
}
