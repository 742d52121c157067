package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/version"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// netPath is the module that has the public suffix list.
const netPath = "golang.org/x/net"

// suffixes checks that core requires the newest version of golang.org/x/net that works with the
// oldest Go version that core supports. With -raise, every module is changed to require it. It
// needs a module proxy.
func suffixes(ctx context.Context, root string, modules []module, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("suffixes", flag.ContinueOnError)
	raise := flags.Bool("raise", false, "require the newest version in every module")
	if err := flags.Parse(args); err != nil {
		return err
	}
	i := slices.IndexFunc(modules, func(m module) bool { return m.path() == corePath })
	if i < 0 || flags.NArg() != 0 {
		return errors.New(usage)
	}
	required := netVersion(modules[i])
	newest, err := newestNet(ctx, filepath.Join(root, "core"), modules[i].file.Go.Version)
	if err != nil {
		return fmt.Errorf("suffixes: %w", err)
	}
	if semver.Compare(required, newest) >= 0 {
		fmt.Fprintf(stdout, "core requires %s %s\n", netPath, required)
		return nil
	}
	if !*raise {
		return fmt.Errorf("suffixes: core requires %s %s, and %s works with go %s; run suffixes -raise",
			netPath, required, newest, modules[i].file.Go.Version)
	}
	for _, m := range modules {
		if v := netVersion(m); v == "" || semver.Compare(v, newest) >= 0 {
			continue
		}
		for _, command := range [][]string{{"get", netPath + "@" + newest}, {"mod", "tidy"}} {
			if _, err := goOutput(ctx, filepath.Join(root, filepath.FromSlash(m.dir)), command...); err != nil {
				return fmt.Errorf("suffixes: %s: %w", m.dir, err)
			}
		}
		fmt.Fprintf(stdout, "%s requires %s %s\n", m.dir, netPath, newest)
	}
	return nil
}

// netVersion returns the version of golang.org/x/net that a module requires, or "".
func netVersion(m module) string {
	for _, r := range m.file.Require {
		if r.Mod.Path == netPath {
			return r.Mod.Version
		}
	}
	return ""
}

// newestNet returns the newest version of golang.org/x/net that works with a version of Go.
func newestNet(ctx context.Context, dir, goVersion string) (string, error) {
	output, err := goOutput(ctx, dir, "list", "-mod=mod", "-m", "-versions",
		"-f", "{{range .Versions}}{{.}} {{end}}", netPath)
	if err != nil {
		return "", err
	}
	versions := strings.Fields(output)
	slices.SortFunc(versions, func(a, b string) int { return semver.Compare(b, a) })
	for _, v := range versions {
		needs, err := goOutput(ctx, dir, "list", "-mod=mod", "-m", "-f", "{{.GoVersion}}", netPath+"@"+v)
		if err != nil {
			return "", err
		}
		if version.Compare("go"+strings.TrimSpace(needs), "go"+goVersion) <= 0 {
			return v, nil
		}
	}
	return "", fmt.Errorf("no version of %s works with go %s", netPath, goVersion)
}

// goOutput runs the go command in a module, without the workspace.
func goOutput(ctx context.Context, dir string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "go", args...)
	c.Dir, c.Env = dir, append(os.Environ(), "GOWORK=off")
	output, err := c.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return string(output), nil
}
