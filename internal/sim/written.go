package sim

import (
	"fmt"

	"github.com/esgen/esgen/internal/source"
	"github.com/esgen/esgen/model"
)

// MisreadError says that what a scenario writes is no value of its field.
type MisreadError struct {
	Pos  source.Pos
	Text string
}

func (e *MisreadError) Error() string { return fmt.Sprintf("%s: %s", e.Pos, e.Text) }

// Values reads what a scenario writes for fields, by their types. More are fields
// that are meant where a name was not resolved.
func Values(list []*model.Value, more ...*model.Field) (map[string]any, error) {
	out := make(map[string]any, len(list))
	for _, v := range list {
		f := v.Field
		if f == nil {
			f = fieldNamed(more, v.Name)
		}
		if f == nil || f.Type == nil {
			return nil, &MisreadError{v.Pos, "there is no " + v.Name + " here"}
		}
		value, err := plain(v.Node, f.Type)
		if err != nil {
			return nil, &MisreadError{v.Pos, fmt.Sprintf("%s: %v", v.Name, err)}
		}
		out[f.Name] = value
	}
	return out, nil
}

// Who is the actor of a step: the one it names, else the first of those that what
// is done is meant for, else the system: without roles.
func Who(x *model.When) (subject string, roles []string) { return who(x, meantFor(x)) }

// meantFor are the actors of what is done.
func meantFor(x *model.When) []*model.ActorRef {
	switch {
	case x.State != nil:
		return readers(x.State)
	case x.View != nil:
		return x.View.Actors
	case x.Do.Query != nil && len(x.Do.Query.Actors) > 0:
		return x.Do.Query.Actors
	case x.Do.Query != nil:
		return x.Do.Query.View.Actors
	case x.Do.Command != nil:
		return x.Do.Command.Actors
	}
	return nil
}

// Written is an expectation as the scenario writes it.
func Written(e *model.Expectation) string { return expectation(e) }
