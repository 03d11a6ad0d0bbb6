// Command esgen compiles an event-storming model into Go microservices.
package main

import (
	"os"

	"github.com/esgen/esgen/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
