// Pack builds the player, for an esgen that has it built in: go generate
// ./internal/offline, then go build -tags player.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/esgen/esgen/internal/offline"
)

func main() {
	if err := pack(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func pack() error {
	p, err := offline.Build(context.Background(), "../..") // of the package that is generated
	if err != nil {
		return err
	}
	if err := os.WriteFile("player.wasm.gz", p.Program, 0o644); err != nil { //nolint:gosec // it is built in
		return err
	}
	return os.WriteFile("wasm_exec.js", []byte(p.Runtime), 0o644) //nolint:gosec // likewise
}
