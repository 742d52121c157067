package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// setRequires sets the version of our modules in every go.mod of the repository that requires one.
func setRequires(root string, modules, releases []module, version string) error {
	if !semver.IsValid(version) || semver.Canonical(version) != version || semver.Prerelease(version) != "" {
		return fmt.Errorf("bump: %q is not a version to release; write it like v0.2.0", version)
	}
	if major := semver.Major(version); major != "v0" && major != "v1" {
		return fmt.Errorf("bump: %s: from v2 on the major version is part of every import path; "+
			"rename the modules first", version)
	}
	now, err := agreed(releases)
	if err != nil {
		return err
	}
	if semver.Compare(version, now) < 0 {
		return fmt.Errorf("bump: %s is before %s, which the published modules require", version, now)
	}
	for _, m := range modules {
		changed := false
		for _, r := range ownRequirements(m.file) {
			if r.Version == version {
				continue
			}
			if err := m.file.AddRequire(r.Path, version); err != nil {
				return err
			}
			changed = true
		}
		if !changed {
			continue
		}
		data, err := m.file.Format()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(m.dir), "go.mod"), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// workDirs returns the directories of the modules in go.work, written as in module.
func workDirs(root string) (map[string]bool, error) {
	name := filepath.Join(root, "go.work")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	work, err := modfile.ParseWork(name, data, nil)
	if err != nil {
		return nil, err
	}
	dirs := map[string]bool{}
	for _, use := range work.Use {
		dirs[path.Clean(use.Path)] = true
	}
	return dirs, nil
}

// dateChanges returns CHANGELOG.md with the entries under Unreleased moved to a section for the
// version and its date.
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
