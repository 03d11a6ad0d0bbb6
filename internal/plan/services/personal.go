package services

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"github.com/esgen/esgen/internal/names"
	"github.com/esgen/esgen/internal/naming"
	"github.com/esgen/esgen/model"
)

// Personal is what of an aggregate is personal, and whose it is.
type Personal struct {
	Of     string   // the person, over s
	Column string   // of the aggregate's table that has the person
	State  []string // personal fields of the state, in JSON
}

// instanceColumn has the id of an instance: see aggregate.IDColumn.
const instanceColumn = "_id"

// personal is nil where the aggregate does not say whose its personal data are.
func (a *Aggregate) personal() *Personal {
	f := a.person()
	if f == nil {
		return nil
	}
	p := &Personal{Of: "s." + a.ID.Go, Column: instanceColumn, State: jsonNames(a.Model.Personal())}
	if f != a.Model.ID {
		p.Of, p.Column = "s."+a.types.Field(f), naming.ColumnOf(f)
	}
	return p
}

func (a *Aggregate) person() *model.Field {
	if a.Model.Person == nil {
		return nil
	}
	return a.Model.Person.Field
}

func jsonNames(fields []*model.Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, names.JSON(&f.Node))
	}
	return out
}

// Keys reports whether the service keeps personal data under a key for each person.
func (s *Service) Keys() bool {
	return slices.ContainsFunc(s.Context.Aggregates, func(a *model.Aggregate) bool { return a.Person != nil })
}

// DevelopmentKey wraps the keys of persons on a machine of a developer.
func (s *Service) DevelopmentKey() string {
	sum := sha256.Sum256([]byte("development key of " + s.Name.Kebab))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Private lists the read models with what is personal of events.
func (s *Service) Private() []*View {
	return slices.DeleteFunc(slices.Clone(s.Views), func(v *View) bool { return !v.Private() })
}

// persons adds to rows with personal data whose they are.
func (b *builder) persons(v *View) {
	if !v.Private() {
		return
	}
	v.Persons = "Persons"
	for slices.ContainsFunc(v.Row.Fields, func(f Field) bool { return f.Go == v.Persons }) {
		v.Persons += "Of"
	}
	v.Row.Fields = append(v.Row.Fields, Field{Go: v.Persons, Type: "values.Persons", Tag: tagged(`json:"-"`), Doc: "whose what is personal is"})
}

// Private reports whether rows have what is personal of events.
func (v *View) Private() bool {
	return slices.ContainsFunc(v.Projections, func(p *Projection) bool { return len(p.Personal) > 0 })
}
