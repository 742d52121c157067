// Command release lists the modules of this repository, rehearses a release and prepares one.
// RELEASING.md is the recipe.
//
//	go run ./examples/internal/release modules           lists all modules, and says which are published
//	go run ./examples/internal/release modules published lists the directories of the published ones, in the order of their tags;
//	                                                     also: private, outside (of go.work), all
//	go run ./examples/internal/release rehearse          builds the modules' zips from the tree and uses them as their users would
//	go run ./examples/internal/release exports           writes the exported names of each published module to docs/api
//	go run ./examples/internal/release api               compares the exported names of each module with the last release
//	go run ./examples/internal/release bump v0.2.0       sets the version in every go.mod, and dates the changes in CHANGELOG.md
//	go run ./examples/internal/release suffixes [-raise] checks that core has the newest public suffix list that it can have
//	go run ./examples/internal/release tags              prints the tags to set, in their order
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 25*time.Minute) // a module proxy may hang
	defer cancel()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		cancel()
		stop()
		os.Exit(1)
	}
}

const usage = "release: expected modules [published | private | outside | all], " +
	"rehearse [adapter ...], exports, api, suffixes [-raise], bump [-requires] vX.Y.Z, or tags"

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	root, err := findRoot()
	if err != nil {
		return err
	}
	modules, err := findModules(root)
	if err != nil {
		return err
	}
	releases, err := published(modules)
	if err != nil {
		return err
	}
	switch args[0] {
	case "modules":
		return listModules(root, modules, releases, args[1:], stdout)
	case "rehearse":
		return rehearse(ctx, root, releases, args[1:], stdout)
	case "exports":
		return writeExports(ctx, root, releases, stdout)
	case "api":
		return compare(ctx, root, releases, stdout)
	case "tags":
		version, err := agreed(releases)
		if err != nil {
			return err
		}
		for _, m := range releases {
			fmt.Fprintln(stdout, m.tag(version))
		}
		return nil
	case "suffixes":
		return suffixes(ctx, root, modules, args[1:], stdout)
	case "bump":
		return bump(root, modules, releases, args[1:])
	}
	return errors.New(usage)
}

// listModules prints every module with what its go.mod says, or only the directories of one kind,
// for scripts.
func listModules(root string, modules, releases []module, kinds []string, stdout io.Writer) error {
	if len(kinds) == 0 {
		for _, m := range releases {
			fmt.Fprintf(stdout, "%s\tpublished\n", m.dir)
		}
		for _, m := range modules {
			if m.private != "" {
				fmt.Fprintf(stdout, "%s\tprivate: %s\n", m.dir, m.private)
			}
		}
		return nil
	}
	inWork, err := workDirs(root)
	if err != nil {
		return err
	}
	selected := modules
	switch kinds[0] {
	case "all":
	case "published":
		selected = releases
	case "private":
		selected = slices.DeleteFunc(slices.Clone(modules), func(m module) bool { return m.private == "" })
	case "outside":
		selected = slices.DeleteFunc(slices.Clone(modules), func(m module) bool { return inWork[m.dir] })
	default:
		return errors.New(usage)
	}
	for _, m := range selected {
		fmt.Fprintln(stdout, m.dir)
	}
	return nil
}

func bump(root string, modules, releases []module, args []string) error {
	flags := flag.NewFlagSet("bump", flag.ContinueOnError)
	requires := flags.Bool("requires", false, "leave CHANGELOG.md alone: the version is not released yet")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New(usage)
	}
	version := flags.Arg(0)
	if *requires {
		return setRequires(root, modules, releases, version)
	}
	name := filepath.Join(root, "CHANGELOG.md")
	changes, err := dateChanges(name, version, time.Now()) // first, because an error must leave every file unchanged
	if err != nil {
		return err
	}
	if err := setRequires(root, modules, releases, version); err != nil {
		return err
	}
	return os.WriteFile(name, changes, 0o644)
}
