package board

import (
	"fmt"

	"github.com/esgen/esgen/internal/quote"
	"github.com/esgen/esgen/model"
)

// Sheet is a picture that lies beside the wall on its page.
type Sheet struct {
	ID      string // unique on the page
	Kind    SheetKind
	Title   quote.Text
	Picture *Picture
}

// SheetKind is what a sheet shows, as its reader calls it.
type SheetKind string

// The kinds of sheets, in the order of the page.
const (
	Overview   SheetKind = "Overview"
	Services   SheetKind = "Services"
	LifeCycles SheetKind = "Lifecycles"
	Scenarios  SheetKind = "Scenarios"
)

// Sheets are what a model shows beside its wall: the context map where there is more than
// one context, each service, each lifecycle, and the sequences of its scenarios.
func (b *Board) Sheets(sys *model.System, sequences []*Sequence) []Sheet {
	var sheets []Sheet
	if len(sys.Contexts) > 1 {
		sheets = append(sheets, Sheet{"map", Overview, "Context map", Map(sys).Picture()})
	}
	asks := asksOf(sys)
	for _, c := range sys.Contexts {
		sheets = append(sheets, Sheet{"service:" + c.Name, Services, c.Called(), hexagonOf(c, asks).Picture()})
	}
	for _, c := range sys.Contexts {
		for _, a := range c.Aggregates {
			for i, l := range a.Lifecycles {
				d := lifecycle(a, l, b.keys[a])
				sheets = append(sheets, Sheet{fmt.Sprintf("lifecycle:%s/%s/%d", c.Name, a.Name, i+1), LifeCycles, d.Title, d.Picture()})
			}
		}
	}
	for i, s := range sequences {
		sheets = append(sheets, Sheet{fmt.Sprintf("scenario:%d", i+1), Scenarios, s.Title, s.picture(b.keys)})
	}
	return sheets
}
