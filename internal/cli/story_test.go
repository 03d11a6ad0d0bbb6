package cli

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/esgen/esgen/internal/artifact"
)

// TestStory has a team write what the model of the bindery leaves to be written, and
// change the model then. What generate says of each change is in testdata/story.txt, and
// so is what the compiler says after it. No line that the team has written is lost, and
// the compiler minds such lines only, as far as the change concerns them.
func TestStory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds services")
	}
	golden, err := filepath.Abs("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	bindery, err := filepath.Abs("../../testdata/models/bindery")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	s := &story{session: session{t: t}, byHand: map[string]bool{}}
	s.write("bindery/esgen.yaml", s.read(filepath.Join(bindery, "esgen.yaml")))
	s.generates()
	s.log.Reset()

	s.tells("The team writes what is left to be written.")
	for path, text := range s.files(filepath.Join(bindery, "written")) {
		s.writes(path, text)
	}
	s.generates()
	s.builds()

	s.tells("A field comes, and another one gets another type.")
	s.model("[customer, book, pages, leather], emit", "[customer, book, pages, leather, gilt], emit")
	s.model("fields: [customer, book, pages, leather]}", "fields: [customer, book, pages, leather, gilt]}")
	s.model("leather: bool, price", "leather: bool, gilt: bool, price")
	s.model("rush: bool, grams: int}}", "rush: bool, grams: decimal, gilt: bool}}")
	s.generates()
	s.builds("rams")
	s.mends("workshop/internal/anticorruption/shop_book_commissioned_translate.go", "Grams: 3 * told.Pages,", "Grams: values.Int(3 * told.Pages), Gilt: told.Gilt,")
	s.mends("workshop/internal/policies/plan_work_decide.go", "event.Grams < 1000", "event.Grams.Less(values.Int(1000))")
	s.model("announce: {input: {parcel: id, grams: int}}", "announce: {input: {parcel: id, grams: decimal}}")
	s.generates()
	s.builds()

	s.tells("Commands get other names.")
	s.model("          PlanJob: {creates", "          ScheduleJob: {was: PlanJob, creates")
	s.model("then: [Job.PlanJob,", "then: [Job.ScheduleJob,")
	s.model("          RevisePages: {actor", "          ExtendPages: {was: RevisePages, actor")
	s.generates()
	s.builds("PlanJob")
	s.mends("workshop/internal/policies/plan_work_decide.go", "var days []job.PlanJob", "var days []job.ScheduleJob")
	s.mends("workshop/internal/policies/plan_work_decide.go", "append(days, job.PlanJob{", "append(days, job.ScheduleJob{")
	s.builds()

	s.tells("A context is split: what is on the shelf goes to one of its own.")
	s.model(commissionsView, "")
	s.model("\nrelations:\n", "\n  shelf:\n    views:\n"+commissionsView+"\nrelations:\n"+shelfRelation)
	s.generates()
	s.builds("CommissionsOnPagesRevised", "readmodel")
	const project = "internal/projections/commissions_on_pages_revised_project.go"
	s.move(s.out("workshop/"+project), s.out("shelf/"+project))
	s.generates()
	s.builds("services/workshop/internal")
	s.mends("shelf/"+project, "services/workshop/internal/readmodel", "services/shelf/internal/readmodel")
	s.mends("shelf/"+project, "services/workshop/internal/upstream", "services/shelf/internal/upstream")
	s.builds()

	s.tells("An event goes, with all that hears it.")
	s.model("          PagesRevised: {fields: [pages]}\n", "")
	s.model(replanWork, "")
	s.model("          shop.PagesRevised: {custom: true}\n", "")
	s.model("      PagesRevised: {fields: {hours: int}}\n", "")
	s.model("      PagesRevised: {fields: {hours: int}}\n", "")
	s.generates()
	s.builds("PagesRevised", "ReplanWork")
	s.mends("shop/internal/domain/commission/extend_pages_decide.go",
		"return []Event{PagesRevised{CommissionID: state.CommissionID, Pages: cmd.Pages}}, nil", "return nil, nil")
	s.prunes()
	s.builds()
	compare(t, golden, timeless(s.log.String()))
}

const (
	commissionsView = `      Commissions:
        key: commissionId
        fields: {commissionId: ref(shop.Commission), hours: int, rush: bool, shelf: {type: string, default: none}}
        from:
          shop.BookCommissioned: {}
          shop.PagesRevised: {custom: true}
        actor: Binder
`
	shelfRelation = `  - upstream: shop
    downstream: shelf
    roles: [anticorruption-layer]
    translate:
      BookCommissioned: {fields: {hours: int, rush: bool}}
      PagesRevised: {fields: {hours: int}}
`
	replanWork = `      ReplanWork:
        whenever: shop.PagesRevised
        each: {of: Job, where: state.commissionId == event.commissionId}
        then: Job.ReplanJob
        custom: true
`
)

// story is a session in which a team writes code of its own.
type story struct {
	session
	byHand map[string]bool // lines of theirs
}

// out is a file of a service.
func (s *story) out(path string) string { return filepath.Join("bindery/generated/services", path) }

func (s *story) read(path string) string {
	s.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

// files are those below a directory, by path.
func (s *story) files(dir string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all[path] = s.read(filepath.Join(dir, path))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *story) tells(what string) { fmt.Fprintf(&s.log, "## %s\n\n", what) }

// model changes the model.
func (s *story) model(what, with string) {
	s.t.Helper()
	s.change("bindery/esgen.yaml", what, with)
}

// writes has the team write a file that is theirs. What is in it besides what was
// generated is not to be lost.
func (s *story) writes(path, text string) {
	s.t.Helper()
	file := filepath.Join("bindery/generated", path)
	seed := s.read(file)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(seed, line) {
			s.byHand[line] = true
		}
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

// mends has the team change a line of theirs.
func (s *story) mends(path, what, with string) {
	s.t.Helper()
	before := s.read(s.out(path))
	s.change(s.out(path), what, with)
	now := s.read(s.out(path))
	for line := range strings.Lines(before) {
		if line = strings.TrimSpace(line); !strings.Contains(now, line) {
			delete(s.byHand, line)
		}
	}
	for line := range strings.Lines(now) {
		if line = strings.TrimSpace(line); !strings.Contains(before, line) {
			s.byHand[line] = true
		}
	}
}

// generates has esgen generate, which loses nothing.
func (s *story) generates() {
	s.t.Helper()
	s.esgen("generate", "bindery")
	var all strings.Builder
	for _, text := range s.files("bindery/generated") {
		all.WriteString(text)
	}
	for line := range s.byHand {
		if !strings.Contains(all.String(), line) {
			s.t.Errorf("lost: %s", line)
		}
	}
}

// prunes has esgen remove what belongs to nothing any more.
func (s *story) prunes() { s.esgen("generate", "bindery", "--prune") }

var compilerError = regexp.MustCompile(`^(services/\S+\.go):(\d+):\d+: (.*)$`)

// builds builds the services, and notes what the compiler says: of nothing but lines
// that are the team's, and have one of some texts, because the change is about that.
func (s *story) builds(about ...string) {
	s.t.Helper()
	services, err := filepath.Glob(s.out("*"))
	if err != nil {
		s.t.Fatal(err)
	}
	args := []string{"build", "-trimpath", "-gcflags=-e"} // so that what runs before have built is there
	for _, dir := range services {
		args = append(args, "./services/"+filepath.Base(dir)+"/...")
	}
	cmd := exec.CommandContext(s.t.Context(), "go", args...)
	cmd.Dir = "bindery/generated"
	said, err := cmd.CombinedOutput()
	s.log.WriteString("$ go build\n")
	found := 0
	for _, line := range slices.Sorted(strings.Lines(string(said))) {
		at := compilerError.FindStringSubmatch(strings.TrimSpace(line))
		if at == nil {
			continue
		}
		found++
		text := s.read(filepath.Join("bindery/generated", at[1]))
		var number int
		_, _ = fmt.Sscan(at[2], &number)
		is := strings.TrimSpace(strings.Split(text, "\n")[number-1])
		fmt.Fprintf(&s.log, "%s:%s: %s\n    %s\n", at[1], at[2], at[3], is)
		if strings.Contains(text, artifact.Header) {
			s.t.Errorf("an error is in a file that is generated: %s", line)
		}
		concerned := false
		for _, what := range about {
			concerned = concerned || strings.Contains(is, what)
		}
		if !concerned {
			s.t.Errorf("an error in a line that has nothing of %q: %s%s", about, line, is)
		}
	}
	s.log.WriteString("\n")
	if (err != nil) != (found > 0) || (found > 0) != (len(about) > 0) {
		s.t.Errorf("go build: %v, %d errors:\n%s", err, found, said)
	}
}
