package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// gorelease compares exported names. It has no releases of its own, so it is pinned by its commit.
const gorelease = "golang.org/x/exp/cmd/gorelease@v0.0.0-20260908205506-85c1c2202aba"

// compare prints what has changed in the exported names of each module since its last release. The
// error says that the version to be released does not allow a change, or that a module cannot be
// used as published: without its replacements, with what it requires. Releases are taken from the
// tags of this repository, so it does not matter whether a module proxy has seen them. Before the
// first tag there is nothing to compare with, and only the rest is checked.
func compare(ctx context.Context, root string, releases []module, stdout io.Writer) error {
	next, err := agreed(releases)
	if err != nil {
		return err
	}
	last := lastRelease(ctx, root)
	temp, err := os.MkdirTemp("", "polycors-api-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	tagged, tree := filepath.Join(temp, "releases"), filepath.Join(temp, "tree")
	bases := make([]string, len(releases))
	for i, m := range releases {
		bases[i] = "none" // a module may be younger than the last release
		if last != "" && isTagged(ctx, root, m.tag(last)) {
			bases[i] = last
			if _, err := writeModule(ctx, root, tagged, m, last, true); err != nil {
				return err
			}
		}
		if _, err := writeModule(ctx, root, tree, m, next, false); err != nil {
			return err
		}
	}
	// Tags first: a required version that is tagged is the one that users get.
	tools, err := newTools(ctx, temp, tagged, tree)
	if err != nil {
		return err
	}
	tools.env = append(tools.env, "GOBIN="+temp)
	if err := tools.run(ctx, temp, "go", "install", gorelease); err != nil {
		return err
	}
	var problems []error
	for i, m := range releases {
		report, err := tools.compare(ctx, filepath.Join(temp, "now-"+m.name()), tree, m, next, bases[i])
		fmt.Fprintf(stdout, "=== %s, to be %s, compared with %s\n%s\n", m.dir, next, bases[i], bytes.TrimSpace(report))
		if err == nil {
			err = checkVersion(string(report), bases[i], next)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", m.dir, err))
		}
	}
	return errors.Join(problems...)
}

// compare returns gorelease's report on a module in the tree. gorelease gets the module as it is
// published: without replacements, and with the checksums of our modules, which go.sum cannot have
// before their release.
func (t *tools) compare(ctx context.Context, dir, tree string, m module, next, base string) ([]byte, error) {
	if err := t.unzip(ctx, tree, dir, m, next); err != nil {
		return nil, err
	}
	if len(ownRequirements(m.file)) > 0 {
		if err := t.run(ctx, dir, "go", "mod", "tidy"); err != nil {
			return nil, err
		}
	}
	c := exec.CommandContext(ctx, filepath.Join(filepath.Dir(dir), "gorelease"), "-base="+base)
	c.Dir, c.Env = dir, t.env
	c.WaitDelay = 10 * time.Second
	report, err := c.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("gorelease: %w; its report is above", err)
	}
	return report, err
}

// checkVersion returns an error if something breaks between two versions that promise
// compatibility, see RELEASING.md. gorelease itself accepts everything before v1.0.0.
func checkVersion(report, base, next string) error {
	breaks := base != "none" && strings.Contains(report, "## incompatible changes\n")
	if breaks && semver.MajorMinor(base) == semver.MajorMinor(next) {
		return fmt.Errorf("exported names have changed incompatibly, which %s does not allow after %s; "+
			"run bump -requires with the next version that does", next, base)
	}
	return nil
}

// lastRelease returns the newest version of core that is tagged before HEAD, "" if there isn't one.
// A tag of HEAD itself is the version that is being released.
func lastRelease(ctx context.Context, root string) string {
	describe := exec.CommandContext(ctx, "git", "-C", root,
		"describe", "--tags", "--abbrev=0", "--match", "core/v*", "HEAD^")
	tag, err := describe.Output()
	if err != nil {
		return "" // no tag, or no earlier commit
	}
	return strings.TrimPrefix(strings.TrimSpace(string(tag)), "core/")
}
