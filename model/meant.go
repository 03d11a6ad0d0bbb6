package model

import (
	"fmt"
	"strings"
)

// IDMeant says how the id of an aggregate is called, to somebody who calls it
// after the name on the wall: where that has a code, or is of another script,
// the id is called otherwise. "": a name is nobody's id, or its right name.
func (s *System) IDMeant(name string) string {
	for _, c := range s.Contexts {
		for _, a := range c.Aggregates {
			if a.ID == nil || strings.EqualFold(a.ID.Name, name) { // a slip is told as one
				continue
			}
			for _, end := range []string{"Id", "ID", "_id", "id", "아이디"} {
				if name == a.Name+end || name == lowerCamel(a.Name)+end {
					return fmt.Sprintf("the id of %s is called %s; to call it %s, write id: %s at %s", a.Name, a.ID.Name, name, name, a.Name)
				}
			}
		}
	}
	return ""
}
