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

// compare prints what has changed in the exported names of each module since its last release, and returns an error if the version to be released does
// not say so, or if a module cannot be used as it is published: without its replace, with the core that it requires. The releases are taken from the
// tags of this repository, so that it makes no difference whether a module proxy has seen them. Before the first tag there is nothing to compare with,
// and only the rest is checked.
func compare(ctx context.Context, root string, modules []module, stdout io.Writer) error {
	next, err := agreed(modules)
	if err != nil {
		return err
	}
	last := lastRelease(ctx, root, modules[0])
	temp, err := os.MkdirTemp("", "polycors-api-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	releases, tree := filepath.Join(temp, "releases"), filepath.Join(temp, "tree")
	bases := make([]string, len(modules))
	for i, m := range modules {
		bases[i] = "none" // a module may be younger than the last release
		if last != "" && isTagged(ctx, root, m.tag(last)) {
			bases[i] = last
			if err := writeModule(ctx, root, releases, m, last, true); err != nil {
				return err
			}
		}
		if err := writeModule(ctx, root, tree, m, next, false); err != nil {
			return err
		}
	}
	// Releases first: if the core that is required has been released, that one counts. The other is no release, and listed as none.
	tools, err := newTools(ctx, temp, releases, tree)
	if err != nil {
		return err
	}
	tools.env = append(tools.env, "GOBIN="+temp)
	if err := tools.run(ctx, temp, "go", "install", gorelease); err != nil {
		return err
	}
	var problems []error
	for i, m := range modules {
		report, err := tools.compare(ctx, filepath.Join(temp, "now-"+m.name()), tree, m, next, bases[i])
		fmt.Fprintf(stdout, "=== %s, to be %s, compared with %s\n%s\n", m.dir, next, bases[i], bytes.TrimSpace(report))
		if err == nil {
			err = says(string(report), bases[i], next)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", m.dir, err))
		}
	}
	return errors.Join(problems...)
}

// compare returns what gorelease says of a module in the tree. It is given the module as it would be if core were released: without the replace, and
// with the sum of that core, which go.sum cannot have before.
func (t *tools) compare(ctx context.Context, dir, tree string, m module, next, base string) ([]byte, error) {
	if err := unzip(tree, dir, m, next); err != nil {
		return nil, err
	}
	if m.path() != corePath {
		for _, command := range [][]string{{"go", "mod", "edit", "-dropreplace=" + corePath}, {"go", "mod", "tidy"}} {
			if err := t.run(ctx, dir, command...); err != nil {
				return nil, err
			}
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

// says reports as an error that something breaks between two versions which promise that nothing does, see RELEASING.md. gorelease itself lets
// everything pass before v1.0.0.
func says(report, base, next string) error {
	if base != "none" && strings.Contains(report, "## incompatible changes\n") && semver.MajorMinor(base) == semver.MajorMinor(next) {
		return fmt.Errorf("exported names have changed incompatibly, and %s does not say so; run bump -requires with the next version that does", next)
	}
	return nil
}

// lastRelease returns the newest version that is tagged below HEAD, "" if there is none. A tag of HEAD itself is what is being released.
func lastRelease(ctx context.Context, root string, core module) string {
	tag, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--tags", "--abbrev=0", "--match", core.tag("v*"), "HEAD^").Output()
	if err != nil {
		return "" // no tag, or no commit below
	}
	return strings.TrimPrefix(strings.TrimSpace(string(tag)), core.tag(""))
}
