package values

import (
	"encoding/json"
	"slices"
	"strings"
)

// Persons tell whose what stands in the personal columns of a row is: a JSON object
// of persons by columns; empty: nobody's.
type Persons string

func (p Persons) columns() map[string]ID {
	columns := map[string]ID{}
	_ = json.Unmarshal([]byte(p), &columns) // nobody else writes it
	return columns
}

// Set has a column be a person's; "": nobody's.
func (p *Persons) Set(column string, person ID) {
	columns := p.columns()
	if columns[column] = person; person == "" {
		delete(columns, column)
	}
	text, _ := json.Marshal(columns) // texts can be written
	*p = Persons(text)
}

// Of are the columns that are a person's.
func (p Persons) Of(person ID) []string {
	if !strings.Contains(string(p), QuotedPerson(person)) {
		return nil
	}
	var of []string
	for column, who := range p.columns() {
		if who == person {
			of = append(of, column)
		}
	}
	slices.Sort(of)
	return of
}

// QuotedPerson is a person as Persons have them.
func QuotedPerson(person ID) string {
	text, _ := json.Marshal(person) // a text can be written
	return string(text)
}
