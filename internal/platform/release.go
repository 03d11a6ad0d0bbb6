package platform

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"

	"github.com/esgen/esgen/internal/artifact"
)

// A Release is the trees as modules that systems require in place of a copy:
// both at one version, below one path.
type Release struct{ Path, Version string }

// DefaultPath is what the modules of a release are below when nobody says
// otherwise.
const DefaultPath = "github.com/esgen/esgen"

// ParseRelease reads path@version.
func ParseRelease(text string) (Release, error) {
	at, version, _ := strings.Cut(text, "@")
	r := Release{at, version}
	return r, r.Check()
}

// Check tells what is wrong with a release.
func (r Release) Check() error {
	if !semver.IsValid(r.Version) || semver.Canonical(r.Version) != r.Version {
		return fmt.Errorf("%q is no version of a module, such as v1.2.3", r.Version)
	}
	if semver.Major(r.Version) > "v1" || len(semver.Major(r.Version)) > 2 {
		return fmt.Errorf("version %s would have to stand in the paths of the modules: choose one below v2", r.Version)
	}
	for _, t := range trees {
		if err := module.Check(r.Path+"/"+t.Name, r.Version); err != nil {
			return err
		}
	}
	return nil
}

// share writes the go.mod and go.sum of parts that require the release.
func (r Release) share(parts []Part) ([]artifact.File, error) {
	all, err := Everything()
	if err != nil {
		return nil, err
	}
	known := map[Tree]own{}
	for _, t := range trees {
		if known[t], _, err = r.module(all, t, known); err != nil {
			return nil, err
		}
	}
	var files []artifact.File
	for _, p := range parts {
		m := all.module(Module{Dir: p.Dir, Path: p.Path}, p.Uses.packages(), "")
		m.requires(func(t Tree) own { return known[t] })
		written, err := m.Files()
		if err != nil {
			return nil, err
		}
		files = append(files, written...)
	}
	return files, nil
}

// module is a tree as a module of the release: what is required of it, and its
// files, by their paths in it. The trees before it are known.
func (r Release) module(all *Selection, t Tree, before map[Tree]own) (own, []artifact.File, error) {
	files, err := all.Files(t, r.Path, "")
	if err != nil {
		return own{}, nil, err
	}
	m := all.module(Module{Dir: t.Name, Path: r.Path + "/" + t.Name}, all.imports(t), t.Source)
	m.requires(func(t Tree) own { return before[t] })
	written, err := m.Files()
	if err != nil {
		return own{}, nil, err
	}
	files = append(files, written...)
	for i := range files {
		files[i].Path = strings.TrimPrefix(files[i].Path, t.Name+"/")
	}
	o := own{path: m.Path, version: r.Version}
	o.sum, o.modSum, err = r.sums(m.Path, files)
	return o, files, err
}

// sums are the checksums of a module and of its go.mod, as go.sum has them.
func (r Release) sums(modulePath string, files []artifact.File) (sum, modSum string, err error) {
	names, data := make([]string, len(files)), map[string][]byte{}
	for i, f := range files {
		names[i] = modulePath + "@" + r.Version + "/" + f.Path
		data[names[i]] = f.Data
		if f.Path == "go.mod" {
			inner := sha256.Sum256([]byte(fmt.Sprintf("%x  go.mod\n", sha256.Sum256(f.Data))))
			modSum = "h1:" + base64.StdEncoding.EncodeToString(inner[:])
		}
	}
	sum, err = dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data[name])), nil })
	return sum, modSum, err
}

// Publish is the release as files of a module proxy: what GOPROXY=file://…
// reads, and what any server of files can offer.
func (r Release) Publish() ([]artifact.File, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	all, err := Everything()
	if err != nil {
		return nil, err
	}
	var out []artifact.File
	known := map[Tree]own{}
	for _, t := range trees {
		var files []artifact.File
		if known[t], files, err = r.module(all, t, known); err != nil {
			return nil, err
		}
		published, err := r.published(known[t].path, files)
		if err != nil {
			return nil, err
		}
		out = append(out, published...)
	}
	return out, nil
}

func (r Release) published(modulePath string, files []artifact.File) ([]artifact.File, error) {
	escaped, err := module.EscapePath(modulePath)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	var mod []byte
	zipped := make([]zip.File, len(files))
	for i, f := range files {
		zipped[i] = zipFile{f}
		if f.Path == "go.mod" {
			mod = f.Data
		}
	}
	if err := zip.Create(&packed, module.Version{Path: modulePath, Version: r.Version}, zipped); err != nil {
		return nil, err
	}
	info, err := json.Marshal(map[string]string{"Version": r.Version})
	if err != nil {
		return nil, err
	}
	at := escaped + "/@v/"
	return []artifact.File{
		{Path: at + r.Version + ".info", Data: append(info, '\n')},
		{Path: at + r.Version + ".mod", Data: mod},
		{Path: at + r.Version + ".zip", Data: packed.Bytes()},
		{Path: at + "list", Data: []byte(r.Version + "\n")}, // last: it names what is there
	}, nil
}

// zipFile is a file in memory as package zip takes one.
type zipFile struct{ file artifact.File }

// Path is where it is in the module.
func (f zipFile) Path() string { return f.file.Path }

// Open reads it.
func (f zipFile) Open() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(f.file.Data)), nil
}

// Lstat says what it is.
func (f zipFile) Lstat() (os.FileInfo, error) { return zipInfo(f.file), nil }

// zipInfo says of a file in memory what package zip asks.
type zipInfo artifact.File

// Name is its own, without a directory.
func (f zipInfo) Name() string { return path.Base(f.Path) }

// Size is in bytes.
func (f zipInfo) Size() int64 { return int64(len(f.Data)) }

// Mode is that of an ordinary file.
func (zipInfo) Mode() os.FileMode { return 0o644 }

// ModTime is the same for every release.
func (zipInfo) ModTime() time.Time { return time.Time{} }

// IsDir is false.
func (zipInfo) IsDir() bool { return false }

// Sys is nothing.
func (zipInfo) Sys() any { return nil }
