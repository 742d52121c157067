// Command release rehearses a release and prepares one; RELEASING.md is the recipe.
//
//	go run ./examples/internal/release rehearse       builds the modules' zips from the tree and lets a stranger use them
//	go run ./examples/internal/release api            compares the exported names of each module with the last release
//	go run ./examples/internal/release bump v0.2.0    sets the version in every go.mod, and dates the changes in CHANGELOG.md
//	go run ./examples/internal/release tags           prints the tags to set, in their order
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

const usage = "release: write rehearse, api, bump [-requires] vX.Y.Z, or tags"

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	root, err := findRoot()
	if err != nil {
		return err
	}
	modules, err := published(root)
	if err != nil {
		return err
	}
	switch args[0] {
	case "rehearse":
		return rehearse(ctx, root, modules, stdout)
	case "api":
		return compare(ctx, root, modules, stdout)
	case "tags":
		version, err := agreed(modules)
		if err != nil {
			return err
		}
		for _, m := range modules {
			fmt.Fprintln(stdout, m.tag(version))
		}
		return nil
	case "bump":
		flags := flag.NewFlagSet("bump", flag.ContinueOnError)
		requires := flags.Bool("requires", false, "leave CHANGELOG.md alone: the version is not released yet")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		if flags.NArg() != 1 {
			return errors.New(usage)
		}
		if *requires {
			return setRequires(root, modules, flags.Arg(0))
		}
		name := filepath.Join(root, "CHANGELOG.md")
		changes, err := dateChanges(name, flags.Arg(0), time.Now()) // before anything is written, for it may be refused
		if err != nil {
			return err
		}
		if err := setRequires(root, modules, flags.Arg(0)); err != nil {
			return err
		}
		return os.WriteFile(name, changes, 0o644)
	}
	return errors.New(usage)
}
