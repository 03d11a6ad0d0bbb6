package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/sim"
	"github.com/esgen/esgen/model"
)

// playing are sessions about playing a model, in a directory that has models
// of the interpreter's tests beside "mini".
var playing = map[string]func(*session){
	"test": func(s *session) {
		s.esgen("test", "mini")
		s.esgen("test", "history")
		s.esgen("test", "history", "-v", "--run", "brought up")
		s.esgen("test", "failing", "--run", "^it was (not )?rejected$")
		s.esgen("test", "failing", "--run", "^it was not", "--format", "json")
		s.esgen("test", "history", "--run", "nothing is called so")
		s.esgen("test", "history", "--run", "(")
		s.esgen("test", "history", "--format", "sarif")
		s.esgen("test", "mini", "--live")
		s.esgen("test", "history", "--kafka", "localhost:9092")
		s.esgen("test", "history", "--live", "--doors", "a=http://localhost:1")
		s.esgen("test", "history", "--live", "--url", "http://localhost:1", "--log", "x")
		s.esgen("test", "history", "--live", "--url", "http://localhost:1")
		s.change("mini/esgen.yaml", "input: {text: string}", "inptu: {text: string}")
		s.esgen("test", "mini")
		s.esgen("test", "mini", "--live")
		s.esgen("test", "--help")
	},
	"simulate": func(s *session) {
		s.write("script.txt", "as User u1\ncan\n\ndo AddTask {taskId: t1, text: paint}\nsee TaskBoard\nundo\nsee TaskBoard\n")
		s.esgen("simulate", "mini", "--script", "script.txt", "--at", "2026-12-01T09:00:00+09:00")
		s.write("wrong.txt", "as User\ndo AddTaks {taskId: t1}\n")
		s.esgen("simulate", "mini", "--script", "wrong.txt")
		s.esgen("simulate", "mini", "--script", "nowhere.txt")
		s.esgen("simulate", "mini", "--at", "noon")
		s.esgen("simulate", "mini")
	},
}

func TestPlaying(t *testing.T) {
	models := map[string]string{"mini": "../../testdata/models/mini", "history": "../sim/testdata/history", "failing": "../sim/testdata/failing"}
	texts := map[string][]byte{}
	for name, dir := range models {
		text, err := os.ReadFile(filepath.Join(dir, "esgen.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = text
	}
	goldens, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for name, play := range playing {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for dir, text := range texts {
				if err := os.Mkdir(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "esgen.yaml"), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			s := &session{t: t}
			play(s)
			compare(t, filepath.Join(goldens, name+".txt"), hurried(s.log.String()))
		})
	}
}

// How long something took.
var (
	milli   = regexp.MustCompile(`\b[0-9]+\.[0-9] ms`)
	seconds = regexp.MustCompile(`"seconds": [^,]+`)
)

// hurried is a text without how long anything took.
func hurried(text string) string {
	return seconds.ReplaceAllString(milli.ReplaceAllString(text, "T ms"), `"seconds": T`)
}

// Somebody at a terminal is asked, told what is wrong, and goes on.
func TestTalk(t *testing.T) {
	sys, diags := model.Load("../../testdata/models/mini/esgen.yaml")
	checked, more := check.System(sys)
	if diags.HasErrors() || more.HasErrors() {
		t.Fatal("the model is not fine")
	}
	var out strings.Builder
	typed := "as User u1\ndo AddTask\nt1\npaint\nwhat\nundo\nquit\nnever read\n"
	x := simulation{terminal: terminal{in: strings.NewReader(typed), out: &out, err: &out}}
	if err := x.talk(sim.NewSession(checked, time.Time{}, &out)); err != nil {
		t.Fatal(err)
	}
	goldens, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, filepath.Join(goldens, "talk.txt"), out.String())
}
