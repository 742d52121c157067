package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	modulepath "golang.org/x/mod/module"
)

const (
	prefix   = "github.com/polycors/cors/"
	corePath = prefix + "core"
)

// module is a module of the repository. It is found by its go.mod, and a comment on the module line
// says whether it is published:
//
//	module github.com/polycors/cors/core // published
//	module github.com/polycors/cors/examples // private: programs to read and run in a clone
type module struct {
	dir     string // in the repository, with slashes: "adapters/corsgin"
	private string // why it is never published, "" if it is
	file    *modfile.File
}

func (m module) path() string              { return prefix + m.dir }
func (m module) name() string              { return path.Base(m.dir) }
func (m module) tag(version string) string { return m.dir + "/" + version }

// ownRequirements returns what a go.mod requires from this repository.
func ownRequirements(file *modfile.File) []modulepath.Version {
	var own []modulepath.Version
	for _, r := range file.Require {
		if strings.HasPrefix(r.Mod.Path, prefix) {
			own = append(own, r.Mod)
		}
	}
	return own
}

// ownReplacements returns the paths of the modules of this repository that a go.mod replaces.
func ownReplacements(file *modfile.File) []string {
	var paths []string
	for _, r := range file.Replace {
		if strings.HasPrefix(r.Old.Path, prefix) {
			paths = append(paths, r.Old.Path)
		}
	}
	return paths
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
			return "", errors.New("release: no go.work in this directory or above; run this in the repository")
		}
	}
}

// findModules returns every module of the repository, sorted by directory. Directories that the go
// command skips are skipped. The error lists every go.mod that does not say whether its module is
// published.
func findModules(root string) ([]module, error) {
	var modules []module
	var problems []error
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			ignored := strings.HasPrefix(entry.Name(), ".") || strings.HasPrefix(entry.Name(), "_") ||
				entry.Name() == "testdata" || entry.Name() == "node_modules"
			if ignored && name != root {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Name() != "go.mod" {
			return nil
		}
		m, err := readModule(root, name)
		if err != nil {
			problems = append(problems, err)
		}
		modules = append(modules, m)
		return nil
	})
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, err
	}
	slices.SortFunc(modules, func(a, b module) int { return cmp.Compare(a.dir, b.dir) })
	return modules, nil
}

func readModule(root, name string) (module, error) {
	dir, err := filepath.Rel(root, filepath.Dir(name))
	if err != nil {
		return module{}, err
	}
	file, err := parseGoMod(name)
	if err != nil {
		return module{}, err
	}
	m := module{dir: filepath.ToSlash(dir), file: file}
	if file.Module == nil {
		return module{}, fmt.Errorf("%s/go.mod: no module line", m.dir)
	}
	if got := file.Module.Mod.Path; got != m.path() {
		return module{}, fmt.Errorf("%s/go.mod: the module's path is %s, want %s, where users look for it",
			m.dir, got, m.path())
	}
	mark := ""
	for _, comment := range file.Module.Syntax.Suffix {
		mark = strings.TrimSpace(strings.TrimPrefix(comment.Token, "//"))
	}
	private, isPrivate := strings.CutPrefix(mark, "private: ")
	switch {
	case mark == "published":
	case isPrivate && private != "":
		m.private = private
	default:
		return module{}, fmt.Errorf("%s/go.mod: the module line does not say whether the module is published; "+
			`end it with "// published" or "// private: <why>"`, m.dir)
	}
	return m, nil
}

func parseGoMod(file string) (*modfile.File, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(file, data, nil)
}

// published returns the modules that are released, in the order in which they are tagged: each one
// after the modules of this repository that it requires. Otherwise core is first, and the others
// are in the order of their directories.
func published(modules []module) ([]module, error) {
	var waiting []module
	isPublished := map[string]bool{}
	for _, m := range modules {
		if m.private == "" {
			waiting = append(waiting, m)
			isPublished[m.path()] = true
		}
	}
	slices.SortStableFunc(waiting, func(a, b module) int {
		switch {
		case a.path() == corePath:
			return -1
		case b.path() == corePath:
			return 1
		}
		return cmp.Compare(a.dir, b.dir)
	})
	if !isPublished[corePath] {
		return nil, errors.New("release: core is not among the published modules")
	}
	for _, m := range waiting {
		for _, r := range ownRequirements(m.file) {
			if !isPublished[r.Path] {
				return nil, fmt.Errorf("%s/go.mod requires %s, which is not published, so its users could not get it",
					m.dir, r.Path)
			}
		}
	}
	var ordered []module
	done := map[string]bool{}
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(m module) bool {
			return !slices.ContainsFunc(ownRequirements(m.file), func(r modulepath.Version) bool { return !done[r.Path] })
		})
		if next == -1 {
			var names []string
			for _, m := range waiting {
				names = append(names, m.dir)
			}
			return nil, fmt.Errorf("release: modules that require each other cannot be tagged in any order: %s",
				strings.Join(names, ", "))
		}
		done[waiting[next].path()] = true
		ordered = append(ordered, waiting[next])
		waiting = slices.Delete(waiting, next, next+1)
	}
	return ordered, nil
}

// agreed returns the version that published modules require of each other, which is the one to be
// released next, or the newest one if nothing has changed since.
func agreed(modules []module) (string, error) {
	version, by := "", ""
	for _, m := range modules {
		for _, r := range ownRequirements(m.file) {
			if version != "" && r.Version != version {
				return "", fmt.Errorf("%s/go.mod requires %s %s, but %s/go.mod requires version %s; "+
					"run bump with the version to be released", m.dir, r.Path, r.Version, by, version)
			}
			version, by = r.Version, m.dir
		}
	}
	if version == "" {
		return "", errors.New("release: no published module requires another")
	}
	return version, nil
}
