package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// setRequires sets the version of our modules in every go.mod of the repository that requires one.
func setRequires(root string, modules []module, version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version || semver.Prerelease(version) != "" {
		return fmt.Errorf("bump: %q is no version to release; write it as in v0.2.0", version)
	}
	if major := semver.Major(version); major != "v0" && major != "v1" {
		return fmt.Errorf("bump: %s: from v2 on the major version is part of every import path, so the modules are to be renamed first", version)
	}
	now, err := agreed(modules)
	if err != nil {
		return err
	}
	if semver.Compare(version, now) < 0 {
		return fmt.Errorf("bump: %s is before %s, which the adapters require", version, now)
	}
	files, err := workFiles(root)
	if err != nil {
		return err
	}
	for _, file := range files {
		parsed, err := parseGoMod(file)
		if err != nil {
			return err
		}
		changed := false
		for _, r := range parsed.Require {
			if strings.HasPrefix(r.Mod.Path, prefix) && r.Mod.Version != version {
				if err := parsed.AddRequire(r.Mod.Path, version); err != nil {
					return err
				}
				changed = true
			}
		}
		if !changed {
			continue
		}
		data, err := parsed.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// workFiles returns the go.mod of every module of go.work.
func workFiles(root string) ([]string, error) {
	name := filepath.Join(root, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, use := range work.Use {
		files = append(files, filepath.Join(root, filepath.FromSlash(use.Path), "go.mod"))
	}
	return files, nil
}

// dateChanges returns CHANGELOG.md with what is under Unreleased put under the version and its date.
func dateChanges(name, version string, now time.Time) ([]byte, error) {
	const unreleased = "## [Unreleased]\n"
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	number := strings.TrimPrefix(version, "v")
	before, after, found := bytes.Cut(data, []byte(unreleased))
	next, _, _ := bytes.Cut(after, []byte("\n## "))
	switch {
	case !found:
		return nil, fmt.Errorf("%s has no line %q", name, strings.TrimSpace(unreleased))
	case bytes.Contains(after, []byte("\n## ["+number+"]")):
		return nil, fmt.Errorf("%s has a section for %s already", name, number)
	case len(bytes.TrimSpace(next)) == 0:
		return nil, fmt.Errorf("%s has nothing under Unreleased, so there is nothing to release", name)
	}
	heading := fmt.Sprintf("%s\n## [%s] - %s\n", unreleased, number, now.Format(time.DateOnly))
	return bytes.Join([][]byte{before, after}, []byte(heading)), nil
}
