package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
)

const (
	prefix   = "github.com/polycors/cors/"
	corePath = prefix + "core"
)

// module is one that is released.
type module struct {
	dir  string // in the repository, with slashes: "adapters/corsgin"
	file *modfile.File
}

func (m module) path() string              { return prefix + m.dir }
func (m module) name() string              { return path.Base(m.dir) }
func (m module) tag(version string) string { return m.dir + "/" + version }

// core returns the version of core that the module requires, "" for core itself.
func (m module) core() string {
	for _, r := range m.file.Require {
		if r.Mod.Path == corePath {
			return r.Mod.Version
		}
	}
	return ""
}

// findRoot returns the directory of go.work.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("release: there is no go.work here or above; run this in the repository")
		}
	}
}

// published returns the modules that are released, in the order of their tags: core, then the adapters by name.
func published(root string) ([]module, error) {
	files, err := filepath.Glob(filepath.Join(root, "adapters", "*", "go.mod"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var modules []module
	for _, file := range append([]string{filepath.Join(root, "core", "go.mod")}, files...) {
		parsed, err := parseGoMod(file)
		if err != nil {
			return nil, err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		m := module{filepath.ToSlash(dir), parsed}
		if got := parsed.Module.Mod.Path; got != m.path() {
			return nil, fmt.Errorf("%s: the module's path is %s, want %s, for that is where it is found", file, got, m.path())
		}
		modules = append(modules, m)
	}
	return modules, nil
}

func parseGoMod(file string) (*modfile.File, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(file, data, nil)
}

// agreed returns the version of core that all adapters require, which is the one to be released next.
func agreed(modules []module) (string, error) {
	var version string
	for _, m := range modules[1:] {
		switch v := m.core(); {
		case v == "":
			return "", fmt.Errorf("%s/go.mod requires no core", m.dir)
		case version != "" && v != version:
			return "", fmt.Errorf("%s/go.mod requires core %s, and another adapter %s; run bump with the version to be released", m.dir, v, version)
		default:
			version = v
		}
	}
	if version == "" {
		return "", errors.New("release: there are no adapters")
	}
	return version, nil
}
