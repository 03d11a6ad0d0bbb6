package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	docs "github.com/esgen/esgen/docs/packs"
	"github.com/esgen/esgen/internal/artifact"
	"github.com/esgen/esgen/internal/diag"
	"github.com/esgen/esgen/internal/plan"
	"github.com/esgen/esgen/internal/render"
	"github.com/esgen/esgen/model"
)

func newTemplates(t terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "templates",
		Short: "Look at the templates of the output, and bring your own",
		Long: "What is written for a model is told by packs: a pack.yaml says for which notes, to where, by which template and\n" +
			"whose the file is. A pack of your own lies upon the built-in one: it adds files, puts templates in the place of\n" +
			"others, and leaves files out. The model names it (templates: packs/docs), or --pack does.",
		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := cmd.Help(); err != nil {
				return err
			}
			return usage("which command?", "")
		},
	}
	cmd.AddCommand(newTemplatesList(t), newTemplatesDescribe(t), newTemplatesExport(t), newTemplatesTest(t))
	return cmd
}

func newTemplatesList(t terminal) *cobra.Command {
	var p packs
	cmd := &cobra.Command{
		Use:   "list [MODEL]",
		Short: "List what is written, by which template",
		Long: "List prints the lines of all packs: for each of what, the path, the template, and where it is not the usual, the\n" +
			"condition, the owner and the pack. MODEL adds the packs that a model names.",
		Args: atMostOne("model"),
		RunE: func(_ *cobra.Command, args []string) error {
			pack, err := t.packsOf(args, p)
			if err != nil {
				return err
			}
			return t.list(pack)
		},
	}
	p.flags(cmd.Flags())
	return cmd
}

// packsOf are the built-in pack, those of a model where one is named, and others.
func (t terminal) packsOf(args []string, others packs) (*render.Pack, error) {
	if len(args) == 0 {
		return others.of(&model.System{})
	}
	sys, err := t.model(args)
	if err != nil {
		return nil, err
	}
	return others.of(sys)
}

// list prints lines of packs as a table.
func (t terminal) list(pack *render.Pack) error {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, l := range pack.Lines() {
		var more []string
		if l.Language != "" {
			more = append(more, "in "+string(l.Language))
		}
		if l.When != "" {
			more = append(more, "when "+l.When)
		}
		if l.Owner != artifact.Generated {
			more = append(more, l.Owner.String())
		}
		if name := path.Join(render.Builtin().Name, render.TemplatesDir, l.Template); l.From != name {
			more = append(more, l.From)
		}
		fmt.Fprintln(w, strings.TrimRight(strings.Join([]string{l.Each, l.Path, l.Template, strings.Join(more, ", ")}, "\t"), "\t"))
	}
	return w.Flush()
}

func newTemplatesDescribe(t terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "describe [NAME]",
		Short: "Tell what templates get",
		Long: "Describe lists of what there is one each, which is what each: of a pack.yaml can be, and the functions that print\n" +
			"texts. NAME is one of these, or a type that its data has: aggregate, services.Command, functions.",
		Args: atMostOne("name"),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := fmt.Fprint(t.out, docs.Section(docs.Kinds), "\n", docs.Section(docs.Functions))
				return err
			}
			text, err := described(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(t.out, text)
			return err
		},
	}
}

// described is what there is to say of a kind of unit, of a type, or of all
// functions.
func described(name string) (string, error) {
	names := docs.Types()
	for _, k := range plan.Kinds() {
		if k.Name == name {
			return docs.Section(strings.TrimPrefix(k.Data.String(), "*")), nil
		}
		names = append(names, k.Name)
	}
	for _, section := range append(docs.Types(), docs.Kinds, docs.Functions) {
		if strings.EqualFold(section, name) {
			return docs.Section(section), nil
		}
	}
	help := diag.DidYouMean(name, names)
	if help == "" {
		help = `"esgen templates describe" lists what there is`
	}
	return "", usage(fmt.Sprintf("templates get nothing that is called %q", name), help)
}

func newTemplatesExport(t terminal) *cobra.Command {
	var p packs
	cmd := &cobra.Command{
		Use:   "export DIR TEMPLATE...",
		Short: "Copy templates into a pack of your own, to change them there",
		Long: "Export copies templates, as \"esgen templates list\" calls them, into the pack in DIR, where they are put in the place\n" +
			"of those that they were copied from. It makes the pack where there is none. A * stands for any part of a name:\n" +
			"service/*.tmpl. What is there already is not written over.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usage(cmd.CommandPath()+" needs a directory and a template", `"esgen templates list" has all templates`)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			pack, err := p.of(&model.System{})
			if err != nil {
				return err
			}
			return t.export(pack, args[0], args[1:])
		},
	}
	p.flags(cmd.Flags())
	return cmd
}

// export copies templates into the pack of a directory.
func (t terminal) export(pack *render.Pack, dir string, patterns []string) error {
	var names []string
	for _, pattern := range patterns {
		found := false
		for _, name := range pack.Templates() {
			matches, err := path.Match(pattern, name)
			if err != nil {
				return usage(fmt.Sprintf("%q is no pattern: %v", pattern, err), "")
			}
			if matches && !slices.Contains(names, name) {
				names = append(names, name)
			}
			found = found || matches
		}
		if !found {
			help := `"esgen templates list" has all templates`
			if near := pack.Nearest(pattern); near != "" {
				help = fmt.Sprintf("did you mean %q?", near)
			}
			return usage(fmt.Sprintf("there is no template %s", pattern), help)
		}
	}
	files := map[string][]byte{}
	for _, name := range names {
		files[path.Join(render.TemplatesDir, name)] = pack.Text(name)
	}
	for name := range files {
		if _, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			return usage(fmt.Sprintf("%s is there already", filepath.Join(dir, filepath.FromSlash(name))), "remove it first, or leave that template out")
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, render.PackFile)); errors.Is(err, fs.ErrNotExist) {
		files[render.PackFile] = []byte("# What this pack writes: docs/packs.md of esgen tells how.\npack: mine\nversion: 1\nfiles: []\n")
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(t.out, file); err != nil {
			return err
		}
	}
	return nil
}
