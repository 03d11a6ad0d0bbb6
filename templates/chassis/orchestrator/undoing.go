package orchestrator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/esgen/esgen/templates/chassis/message"
	"github.com/esgen/esgen/templates/chassis/saga"
)

// stepBack undoes the last step that is not undone yet; when all are, the last
// thing is asked.
func (t *telling[E, D]) stepBack() error {
	for len(t.Done) > 0 {
		d := t.top()
		s := t.k.Steps[d.Step]
		switch {
		case s.MayComeLater() && d.Unsure:
			a := asked{For: toCancel, done: done{Step: d.Step, Key: d.Key + "/cancel"}}
			if s.Undo.Topic != "" {
				return t.ask(a, struct{}{})
			}
			if err := t.send(a); err != nil { // what came of it changes nothing
				return err
			}
		case s.Undo.Topic != "":
			return t.undo(*d)
		}
		t.pop()
	}
	if t.k.Last.Topic != "" {
		request := t.k.AskLast(t.story)
		return t.ask(asked{For: toEnd, done: done{Key: string(t.Event.ID) + "/failed", Instance: request.Instance, By: request.By}}, request.Input)
	}
	t.state = Undone
	return nil
}

// undo asks for a step to be undone, at its instance unless another is said.
func (t *telling[E, D]) undo(d done) error {
	request := t.k.Steps[d.Step].AskUndo(t.story)
	if request.Instance == "" && request.By == nil {
		request.Instance, request.By = d.Instance, d.By
	}
	return t.ask(asked{For: toUndo, done: done{Step: d.Step, Key: d.Key + "/undo", Instance: request.Instance, By: request.By}}, request.Input)
}

// tookCancel: it is known now whether a step was done.
func (t *telling[E, D]) tookCancel(ctx context.Context, answer saga.Answer) error {
	switch answer.Result {
	case saga.Missing:
		t.pop()
	case saga.Done:
		d := t.top()
		d.Unsure = false
		if answer.Instance != "" {
			d.Instance, d.By = answer.Instance, nil
		}
		if err := t.saveReply(d.Step, answer.Reply); err != nil {
			return err
		}
	default:
		return t.later(0, answer)
	}
	t.Asked = nil
	return t.goOn(ctx)
}

// fails notes why a story fails: of several reasons the first.
func (t *telling[E, D]) fails(why string) {
	if t.why == "" {
		t.why = why
	}
}

// didOrMay notes a step that is to be undone when the story fails: in reverse of
// their order, whichever of those beside one another came first.
func (t *telling[E, D]) didOrMay(d done) {
	t.Done = append(t.Done, d)
	slices.SortFunc(t.Done, func(a, b done) int { return a.Step - b.Step })
}

// giveUp turns a story round that has not passed its pivot. The steps that it
// waits for may have been done.
func (t *telling[E, D]) giveUp(ctx context.Context, why string) error {
	if t.state != Running {
		return nil
	}
	for _, a := range t.Asked {
		if a.For == toDo {
			a.Unsure = true
			t.didOrMay(a.done)
		}
	}
	t.fails(why)
	return t.turn(ctx)
}

func (t *telling[E, D]) turn(ctx context.Context) error {
	t.state, t.Asked = Undoing, nil
	t.waitNoMore()
	return t.goOn(ctx)
}

// late is a step whose time is over.
type late struct {
	Key string `json:"key"`
}

// stepIsLate gives up a story when it still waits for a step.
func (t *telling[E, D]) stepIsLate(ctx context.Context, note message.Envelope) error {
	var step late
	if err := json.Unmarshal(note.Data, &step); err != nil {
		return t.failed(err)
	}
	for _, a := range t.Asked {
		if a.Key == step.Key {
			return t.giveUp(ctx, fmt.Sprintf("step %d timed out after %s", a.Step+1, t.k.Steps[a.Step].Timeout))
		}
	}
	return nil
}

func (t *telling[E, D]) top() *done { return &t.Done[len(t.Done)-1] }

func (t *telling[E, D]) pop() { t.Done = t.Done[:len(t.Done)-1] }
