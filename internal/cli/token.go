package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/esgen/esgen/internal/devrun"
	"github.com/esgen/esgen/internal/issuer"
)

func newToken(t terminal) *cobra.Command {
	var dir, subject string
	var roles []string
	claims := map[string]string{}
	ttl := time.Hour
	cmd := &cobra.Command{
		Use:   "token --role ROLE",
		Short: "Print a token for a system that runs on this machine",
		Long: "Token prints a token of the development issuer of a system that runs, or has run, by \"esgen run\":\n\n" +
			"  curl localhost:8080/front/orders/1 -H \"Authorization: Bearer $(esgen token --role customer --sub c1)\"",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if ttl <= 0 {
				return usage("--ttl must be longer than nothing", "write it like --ttl 1h")
			}
			if len(roles) == 0 {
				return usage("as whom? --role says it", "write it like --role customer --sub c1")
			}
			i, err := findIssuer(dir)
			if err != nil {
				return err
			}
			token, err := i.TokenSaying(claims, subject, roles, ttl)
			if err != nil {
				return err
			}
			fmt.Fprintln(t.out, token)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&roles, "role", nil, "role of who asks, or several: customer,owner")
	flags.StringVar(&subject, "sub", "", "id of who asks (default: <role>-1)")
	flags.StringToStringVar(&claims, "claim", nil, "what else is claimed of who asks: tenant=acme; may be given several times")
	flags.DurationVar(&ttl, "ttl", ttl, "how long the token is good for")
	flags.StringVar(&dir, "out", "", "the directory that the system was generated into, if --out of \"esgen run\" named one")
	return cmd
}

// findIssuer is the issuer of the system in a directory; "": of the one that
// was generated where run generates to when nobody says where.
func findIssuer(dir string) (*issuer.Issuer, error) {
	if dir != "" {
		i, err := issuer.Load(devrun.IssuerFile(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage("no system has run in "+dir+" with tokens", "\"esgen run --out "+dir+"\" starts one")
		}
		return i, err
	}
	if _, err := os.Stat(devrun.IssuerFile(".")); err == nil {
		return issuer.Load(devrun.IssuerFile("."))
	}
	found, err := filepath.Glob(devrun.IssuerFile(filepath.Join(ownDirectories, "*")))
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, usage("no system has run here with tokens", "start one with \"esgen run\" in this directory, or name its directory with --out")
	case len(found) > 1:
		var dirs []string
		for _, file := range found {
			dirs = append(dirs, filepath.Clean(strings.TrimSuffix(file, devrun.IssuerFile(""))))
		}
		return nil, usage("several systems have run here: "+strings.Join(dirs, ", "), "say which one with --out")
	}
	return issuer.Load(found[0])
}
