// Command ferret is a server of MongoDB's protocol for tests, where there is no
// MongoDB: FerretDB, which has no transactions, behind a proxy that presents it
// as a replica set. Statements of a transaction are plain statements then: all
// but atomicity can be tried.
//
//	ferret [--plain] [--dir DIR]
//
// It prints its URL, and serves until it is told to end. --plain presents
// FerretDB as it is. It is a module of its own, because what FerretDB needs is no
// business of esgen's.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ferret:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ferret", flag.ContinueOnError)
	plain := flags.Bool("plain", false, "present FerretDB as it is")
	dir := flags.String("dir", "", "where the data goes; none: they are forgotten")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *dir == "" {
		temporary, err := os.MkdirTemp("", "ferret")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temporary) }()
		*dir = temporary
	}
	behind, err := free(ctx)
	if err != nil {
		return err
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: behind}, Handler: "sqlite", SQLiteURL: "file:" + *dir + "/",
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	if *plain {
		_, _ = fmt.Fprintf(out, "mongodb://%s/\n", behind)
		return <-ended
	}
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { _ = socket.Close() })()
	_, _ = fmt.Fprintf(out, "mongodb://%s/?replicaSet=%s\n", socket.Addr(), replicaSet)
	newProxy(socket.Addr().String(), behind).serve(ctx, socket)
	return <-ended
}

// free is an address that nobody listens at.
func free(ctx context.Context) (string, error) {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return socket.Addr().String(), socket.Close()
}
