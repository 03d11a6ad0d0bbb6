package manifests

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
)

// TestSecrets: the script of the development cluster makes what pods ask for
// there; elsewhere Strimzi makes the broker's, and people those of databases.
func TestSecrets(t *testing.T) {
	eachSystem(t, func(t *testing.T, s system) {
		asked := map[string][]string{}
		for _, overlay := range overlays {
			for _, d := range of[apps.Deployment](build(t, s, overlay)) {
				for _, e := range d.Spec.Template.Spec.Containers[0].Env {
					if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
						asked[overlay] = append(asked[overlay], e.ValueFrom.SecretKeyRef.Name+" "+e.ValueFrom.SecretKeyRef.Key)
					}
				}
			}
			slices.Sort(asked[overlay])
			asked[overlay] = slices.Compact(asked[overlay])
		}
		if made := madeSecrets(t, s); !slices.Equal(made, asked["dev"]) {
			t.Errorf("made are %q, asked for %q", made, asked["dev"])
		}
		users := of[kafkaObject](build(t, s, "prod"))
		for _, secret := range asked["prod"] {
			name, key, _ := strings.Cut(secret, " ")
			byStrimzi := key == "password" && users[name] != nil && users[name].Kind == "KafkaUser"
			byPeople := key == "url" && strings.HasSuffix(name, "-database") || strings.HasSuffix(name, "-webhooks") ||
				key == "key" && strings.HasSuffix(name, "-personal-data") // deploy.md says which
			if !byStrimzi && !byPeople {
				t.Errorf("nobody makes %s", secret)
			}
		}
	})
}

// madeSecrets runs the script with a kubectl that only takes down what it is
// asked for.
func madeSecrets(t *testing.T, s system) []string {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), []byte("#!/bin/sh\nprintf '%s\\n' \"$*\" >>"+log+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", filepath.Join(s.dir, "deploy/kustomize/overlays/dev/secrets.sh"))
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var made []string
	for line := range strings.Lines(string(content(t, log))) {
		_, rest, found := strings.Cut(line, "create secret generic ")
		if !found {
			continue
		}
		words := strings.Fields(rest)
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(strings.TrimPrefix(w, "--from-literal="), "=")
			if raw, err := base64.StdEncoding.DecodeString(value); len(value) < 48 && (err != nil || len(raw) != 32) {
				t.Errorf("%s of %s is %q, neither long nor a key of 256 bits", key, words[0], value)
			}
			made = append(made, words[0]+" "+key)
		}
	}
	slices.Sort(made)
	return made
}
