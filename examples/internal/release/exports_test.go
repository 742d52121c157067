package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExportsAreListed checks that docs/api lists exactly what the published modules export.
func TestExportsAreListed(t *testing.T) {
	root, releases := repository(t)
	const update = "go run ./examples/internal/release exports"
	listed := map[string]bool{}
	for _, m := range releases {
		lines, err := exports(t.Context(), root, m)
		if err != nil {
			t.Fatal(err)
		}
		listed[filepath.Join(root, filepath.FromSlash(m.exportsFile()))] = true
		name := filepath.Join(root, filepath.FromSlash(m.exportsFile()))
		var old []string
		if exists(name) {
			old = strings.Split(strings.TrimSuffix(read(t, root, m.exportsFile()), "\n"), "\n")
		}
		var diff []string
		for _, line := range old {
			if !slices.Contains(lines, line) {
				diff = append(diff, "-"+line)
			}
		}
		for _, line := range lines {
			if !slices.Contains(old, line) {
				diff = append(diff, "+"+line)
			}
		}
		if len(diff) > 0 {
			t.Errorf("%s differs from what %s exports; if that is on purpose, run %s\n%s",
				m.exportsFile(), m.dir, update, strings.Join(diff, "\n"))
		} else if !slices.Equal(old, lines) {
			t.Errorf("%s is not sorted; run %s", m.exportsFile(), update)
		}
		t.Logf("%s: %d names", m.dir, countNames(lines))
	}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(exportsDir), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !listed[name] {
			t.Errorf("%s is not of a published module; run %s", name, update)
		}
	}
}

func TestExports(t *testing.T) {
	root := writeTree(t, map[string]string{
		"core/go.mod": goMod("core // published"),
		"core/core.go": `package core

import (
	"context"
	"io"
	"net/http"
)

const (
	A Kind = iota
	B
	text = "hidden"
)

const Text = "shown"

var Default, hidden http.Handler

type Kind uint8

func (k Kind) String() string  { return text }
func (k *Kind) Set(name string) {}
func (k Kind) unseen()          {}

type Config struct {
	A, B   []string
	Called func(ctx context.Context, names ...string) (n int, err error)
	hidden bool
	io.Reader
	*inner
}

type inner struct{}

func (*inner) Promoted(x int) {}

type Decider interface {
	Decide(ctx context.Context) Kind
	sealed()
}

type Pair[K comparable, V any] struct{ Key K }

func (p *Pair[K, V]) Get(key K) (value V) { return }

type Alias = map[string]Config

func Map[T any](all []T, f func(one T) T) []T { return nil }

func notSeen() {}
`,
		"core/internal/deep/deep.go": "package deep\n\nfunc Hidden() {}\n",
		"core/cmd/tool/main.go":      "package main\n\nfunc Hidden() {}\n\nfunc main() {}\n",
		"core/core_test.go":          "package core\n\nfunc Hidden() {}\n",
		"core/sub/sub.go": `package sub

import "github.com/polycors/cors/core"

func Use(c core.Config) chan<- [2]*core.Kind { return nil }
`,
	})
	modules, err := findModules(root)
	if err != nil {
		t.Fatal(err)
	}
	got, err := exports(t.Context(), root, modules[0])
	if err != nil {
		t.Fatal(err)
	}
	want := `pkg core, const A Kind = 0
pkg core, const B Kind = 1
pkg core, const Text = "shown"
pkg core, func Map[T any]([]T, func(T) T) []T
pkg core, method (*Kind) Set(string)
pkg core, method (*Pair) Get(K) V
pkg core, method (Config) Promoted(int)
pkg core, method (Config) Read([]byte) (int, error)
pkg core, method (Kind) String() string
pkg core, type Alias = map[string]Config
pkg core, type Config struct
pkg core, type Config struct, A []string
pkg core, type Config struct, B []string
pkg core, type Config struct, Called func(context.Context, ...string) (int, error)
pkg core, type Config struct, embedded io.Reader
pkg core, type Decider interface
pkg core, type Decider interface, Decide(context.Context) Kind
pkg core, type Decider interface, unexported methods
pkg core, type Kind uint8
pkg core, type Pair[K comparable, V any] struct
pkg core, type Pair[K comparable, V any] struct, Key K
pkg core, var Default http.Handler
pkg core/sub, func Use(core.Config) chan<- [2]*core.Kind`
	if got := strings.Join(got, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := countNames(strings.Split(want, "\n")); got != 22 {
		t.Errorf("got %d names, want 22", got)
	}
}
