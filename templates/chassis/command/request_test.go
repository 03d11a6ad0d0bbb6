package command

import "testing"

func TestWhatARepeatedKeyMustRepeat(t *testing.T) {
	type change struct {
		Note        *string             `json:"note,omitempty"`
		NoteLeftOut bool                `json:"-" absent:"note"`
		Tags        []string            `json:"tags"`
		Counts      map[string]int      `json:"counts"`
		Parts       []struct{ N []int } `json:"parts"`
	}
	of := func(c change) string {
		t.Helper()
		hash, err := Request{Name: "Change", ID: "a", Input: c}.Hash()
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	nothing := of(change{})
	if of(change{Tags: []string{}, Counts: map[string]int{}, Parts: []struct{ N []int }{}}) != nothing {
		t.Error("no list is another request than an empty one")
	}
	if of(change{NoteLeftOut: true}) == nothing {
		t.Error("to leave a field out is the same request as null")
	}
	if of(change{Tags: []string{"a"}}) == nothing {
		t.Error("a list is the same request as none")
	}
}
