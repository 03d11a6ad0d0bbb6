package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/check"
	"github.com/esgen/esgen/internal/compat"
	"github.com/esgen/esgen/internal/contract"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan/protobuf"
	"github.com/esgen/esgen/internal/plan/services"
	"github.com/esgen/esgen/internal/platform"
	"github.com/esgen/esgen/internal/source"
)

func newBreaking(t terminal) *cobra.Command {
	b := breaking{terminal: t, format: string(diag.Text)}
	cmd := &cobra.Command{
		Use:   "breaking --against FILE|DIR|GITREF [MODEL]",
		Short: "Say whom a change of the model would break",
		Long: "Breaking compares a model with what it was: each change of a contract with who relies on it, why it breaks them or\n" +
			"not, how it can be made so that nobody is hurt, and how far the versions of the services move.\n\n" +
			"What it was is a file, a directory that holds esgen.yaml, or a git reference: then the same file at that reference\n" +
			"(origin/main), or another one (origin/main:shop/esgen.yaml). It exits with 1 when somebody who is known would break,\n" +
			"unless a line of breaks.txt says that it is meant: what breaking says of it, => and the reason.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error { return b.run(cmd.Context(), args) },
	}
	cmd.Flags().StringVar(&b.against, "against", "", "the model as it was: a `file`, a directory or a git reference")
	cmd.Flags().StringVar(&b.context, "context", "", "tell only of what this context offers")
	cmd.Flags().StringVar(&b.format, "format", b.format, "how to print: text, json, sarif, github or markdown")
	cmd.Flags().BoolVar(&b.strict, "strict", false, "exit 1, too, for breaks that hit nobody known and for what only a person can judge")
	cmd.Flags().StringVar(&b.meant, "meant", "", "changes that are meant, and why: a `file` (breaks.txt beside the model, if it is there)")
	cmd.Flags().StringArrayVar(&b.pacts, "pacts", nil, "also hold the model against the Pact files below a `directory`; given twice, tell how the two sets differ")
	return cmd
}

// breaking is one run of breaking.
type breaking struct {
	terminal
	against string
	context string
	format  string
	strict  bool
	meant   string
	pacts   []string
}

func (b breaking) run(ctx context.Context, args []string) error {
	var formats []string
	for _, f := range diag.Formats() {
		formats = append(formats, string(f))
	}
	if err := oneOfFormats(b.format, append(formats, formatMarkdown)...); err != nil {
		return err
	}
	if b.against == "" && len(b.pacts) == 0 {
		return usage("breaking needs what the model was", "--against origin/main, or a file or a directory; --pacts DIR holds it against Pact files")
	}
	if len(b.pacts) > 2 {
		return usage("--pacts is given at most twice: what consumers expected, and what they expect now", "")
	}
	path, err := findModel(args)
	if err != nil {
		return err
	}
	is, err := b.contract(load(path, b.progress))
	if err != nil {
		return err
	}
	report, err := b.compare(ctx, path, is)
	if err != nil {
		return err
	}
	b.progress("")
	if err := b.accept(report, path); err != nil {
		return err
	}
	if report, err = b.narrowed(report, is); err != nil {
		return err
	}
	if err := b.print(report); err != nil {
		return err
	}
	if report.Count(compat.Breaking) > 0 || b.strict && report.Count(compat.Unclear)+report.Count(compat.Unused) > 0 {
		return errNo
	}
	return nil
}

// compare finds what changed up to the model as it is.
func (b breaking) compare(ctx context.Context, path string, is *contract.System) (*compat.Report, error) {
	report := compat.NewReport(is)
	if b.against != "" {
		b.progress("reading what it was")
		was, output, err := b.before(ctx, path)
		if err != nil {
			return nil, err
		}
		report = compat.Compare(was, is)
		if err := protos(report, was, output, is, os.DirFS(besides(path))); err != nil {
			return nil, err
		}
	}
	for i, dir := range b.pacts {
		pacts, err := readPacts(dir)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			report.Hold(pacts, is)
			continue
		}
		before, err := readPacts(b.pacts[0])
		if err != nil {
			return nil, err
		}
		report.Expectations(before, pacts)
	}
	return report, nil
}

// meantFile is where changes that are meant are listed, beside the model.
const meantFile = "breaks.txt"

// accept takes what is meant. What is listed and not found any more is noted.
func (b breaking) accept(report *compat.Report, model string) error {
	path := b.meant
	if path == "" {
		if path = filepath.Join(filepath.Dir(model), meantFile); !there(path) {
			return nil
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return usage(fmt.Sprintf("%s cannot be read: %v", path, err), "--meant is a file of lines: what breaking says, => and the reason")
	}
	notes := compat.StaleDiagnostics(report.Accept(compat.ReadMeant(&source.File{Path: path, Data: data})))
	return diag.Print(b.err, diag.Text, notes, diag.Options{Color: colours(b.err)})
}

// narrowed is what a report says of the context that was asked for, by its name
// on the wall or the directory of its service.
func (b breaking) narrowed(r *compat.Report, is *contract.System) (*compat.Report, error) {
	if b.context == "" {
		return r, nil
	}
	var names []string
	for _, s := range is.Services {
		if s.Name.Kebab == b.context || s.Context.Name == b.context {
			return r.Of(s.Context.Name), nil
		}
		names = append(names, s.Context.Name)
	}
	return nil, usage(fmt.Sprintf("there is no context %q", b.context), diag.DidYouMean(b.context, names))
}

// before reads the model as it was, and names the output that lay beside it.
func (b breaking) before(ctx context.Context, path string) (*contract.System, fs.FS, error) {
	if there(b.against) {
		old, err := findModel([]string{b.against})
		if err != nil {
			return nil, nil, err
		}
		was, err := b.contract(load(old, b.progress))
		return was, os.DirFS(besides(old)), err
	}
	sys, beside, diags, err := loadRef(ctx, b.against, path)
	if err != nil {
		return nil, nil, err
	}
	checked, more := check.System(sys)
	diags.Merge(more)
	was, err := b.contract(checked, diags)
	if err != nil {
		return nil, nil, err
	}
	output, err := fs.Sub(beside, besides("."))
	return was, output, err
}

// protos compares what is offered over gRPC, with the numbers that the outputs have;
// where there is none of now, those of before stay.
func protos(report *compat.Report, was *contract.System, before fs.FS, is *contract.System, now fs.FS) error {
	if !slices.ContainsFunc(was.Services, func(s *contract.Service) bool { return s.Context.GRPC }) {
		return nil
	}
	was.Model.LeaveOutOpen()
	is.Model.LeaveOutOpen()
	old, err := protobuf.Plan(services.Plan(was, platform.Layout{}), before)
	if err != nil {
		return err
	}
	news, err := protobuf.Plan(services.Plan(is, platform.Layout{}), either{now, before})
	if err != nil {
		return err
	}
	report.Protos(old, news)
	return nil
}

// either is a file system, and another one for what it does not have.
type either [2]fs.FS

func (e either) Open(name string) (fs.File, error) {
	file, err := e[0].Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return e[1].Open(name)
	}
	return file, err
}

// readPacts reads the Pact files below a directory.
func readPacts(dir string) ([]compat.Pact, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, usage(fmt.Sprintf("there is no directory %s", dir), "--pacts is a generated tree, or a directory of Pact files")
	}
	pacts, err := compat.ReadPacts(os.DirFS(dir))
	if err != nil {
		return nil, usage(fmt.Sprintf("the Pact files in %s cannot be read: %v", dir, err), "")
	}
	for i := range pacts {
		pacts[i].Path = filepath.ToSlash(filepath.Join(dir, pacts[i].Path))
	}
	if len(pacts) == 0 {
		return nil, usage(fmt.Sprintf("there are no Pact files in %s", dir), "--pacts is a generated tree, or a directory of Pact files")
	}
	return pacts, nil
}

// contract is the contract of a model, or why there is none.
func (b breaking) contract(m *check.Model, diags *diag.List) (*contract.System, error) {
	if !diags.HasErrors() {
		return contract.Build(m), nil
	}
	b.progress("")
	if err := b.told(diags); err != nil {
		return nil, err
	}
	return nil, errNo
}

func (b breaking) print(r *compat.Report) error {
	switch b.format {
	case formatMarkdown:
		return r.Markdown(b.out)
	case formatJSON:
		return b.printJSON(r.Document())
	}
	opts := diag.Options{Color: colours(b.out), Version: version(), Rule: describeBreaking}
	if err := diag.Print(b.out, diag.Format(b.format), r.Diagnostics(), opts); err != nil {
		return err
	}
	if b.format == formatText {
		return lines(b.out, r.Summary())
	}
	return nil
}

// lines prints a line.
func lines(w io.Writer, text string) error {
	_, err := fmt.Fprintln(w, text)
	return err
}

// describeBreaking describes a kind of change for code scanning.
func describeBreaking(id string) (text, url string) {
	rules := compat.Rules()
	if i := slices.IndexFunc(rules, func(r compat.Rule) bool { return string(r.ID) == id }); i >= 0 {
		return rules[i].Says, ""
	}
	return "", ""
}
