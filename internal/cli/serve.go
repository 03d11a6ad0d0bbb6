package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/offline"
	"github.com/esgen/esgen/internal/serve"
)

// serving is what serve is told.
type serving struct {
	terminal
	port   int
	format string
	file   string
}

func newServe(t terminal) *cobra.Command {
	s := serving{terminal: t, port: 8070}
	cmd := &cobra.Command{
		Use:   "serve [MODEL]",
		Short: "Show a model as a page on this machine, and play it there",
		Long: "Serve shows the board of a model, what is wrong with it and what is covered, and plays it: be somebody, give commands, see what\n" +
			"follows light up, take steps back, save what was played as a scenario. The page follows the model's files. Only this\n" +
			"machine reaches it. Ctrl-C ends it.\n\nWith --format html the page is one file that works without a server and offline: it can be mailed to whoever was at the workshop.",
		Args: atMostOne("model"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := findModel(args)
			if err != nil {
				return err
			}
			switch {
			case s.format == formatHTML:
				return s.offline(cmd.Context(), path)
			case s.format != "":
				return usage(fmt.Sprintf("--format cannot be %q", s.format), "html writes the page as one file; without --format it is served")
			case s.file != "":
				return usage("--out is of --format html", "")
			}
			return s.run(cmd.Context(), path)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&s.port, "port", s.port, "port of the page; 0 takes a free one")
	flags.StringVar(&s.format, "format", "", "html: do not serve, write the page as one file that works offline")
	flags.StringVarP(&s.file, "out", "o", "", "write that to a `file` in place of the standard output")
	return cmd
}

// offline writes the page as one file.
func (s serving) offline(ctx context.Context, path string) error {
	s.progress("building the player")
	player, err := offline.Find(ctx)
	s.progress("")
	if err != nil {
		return err
	}
	data, err := offline.Page(player, path)
	if err != nil {
		return err
	}
	if s.file != "" {
		fmt.Fprintf(s.err, "%s: %.1f MB, of which the interpreter is %.1f MB\n", s.file, float64(len(data))/1e6, float64(len(player.Program))/1e6)
	}
	return s.keep(s.file, data)
}

func (s serving) run(ctx context.Context, path string) error {
	server, err := serve.New(path)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.port)) //nolint:noctx // binds, and does not wait for anybody
	if err != nil {
		return usage(err.Error(), "choose another port with --port; 0 takes any")
	}
	s.waitedFor()
	go server.Follow(ctx)
	h := &http.Server{Handler: server, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	defer stop()
	fmt.Fprintf(s.out, "http://localhost:%d shows the model, and follows it; Ctrl-C ends it\n", l.Addr().(*net.TCPAddr).Port)
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return ctx.Err()
}
