package main

import (
	"strings"
	"testing"
)

func TestListModules(t *testing.T) {
	t.Chdir(tree(t, ""))
	for _, c := range [...]struct{ command, want string }{
		{"modules", "core\tpublished\nadapters/corsb\tpublished\nadapters/corsa\tpublished\nexamples\tprivate: for a test\n"},
		{"modules all", "adapters/corsa\nadapters/corsb\ncore\nexamples\n"},
		{"modules published", "core\nadapters/corsb\nadapters/corsa\n"},
		{"modules private", "examples\n"},
		{"modules outside", "examples\n"},
	} {
		var printed strings.Builder
		if err := run(t.Context(), strings.Fields(c.command), &printed); err != nil {
			t.Errorf("%s: %v", c.command, err)
		}
		if got := printed.String(); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.command, got, c.want)
		}
	}
	if err := run(t.Context(), []string{"modules", "other"}, nil); err == nil || err.Error() != usage {
		t.Errorf("modules other: got %v, want the usage", err)
	}
}

// TestMarks checks that every go.mod must say whether its module is published.
func TestMarks(t *testing.T) {
	for _, c := range [...]struct{ name, goMod, want string }{
		{"published", "module github.com/polycors/cors/examples/new // published\n", ""},
		{"private", "module github.com/polycors/cors/examples/new // private: because\n", ""},
		{"nothing", "module github.com/polycors/cors/examples/new\n", `end it with "// published" or "// private: <why>"`},
		{"no reason", "module github.com/polycors/cors/examples/new // private:\n", `end it with "// published"`},
		{"another comment", "module github.com/polycors/cors/examples/new // new\n", `end it with "// published"`},
		{"in the line above", "// published\nmodule github.com/polycors/cors/examples/new\n", `end it with "// published"`},
		{"another path", "module github.com/polycors/cors/new // published\n", "want github.com/polycors/cors/examples/new"},
		{"no module line", "go 1.25.0\n", "no module line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, "")
			write(t, root, "examples/new/go.mod", c.goMod)
			t.Chdir(root)
			err := run(t.Context(), []string{"modules"}, &strings.Builder{})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want an error with %q", err, c.want)
			case c.want != "" && !strings.HasPrefix(err.Error(), "examples/new/go.mod: "):
				t.Errorf("got %v, which does not begin with the file", err)
			}
		})
	}
}

// TestPublishedOrder checks that modules are tagged after those that they require.
func TestPublishedOrder(t *testing.T) {
	for _, c := range [...]struct {
		name        string
		goMods      map[string]string
		want, error string
	}{
		{
			name: "chain",
			goMods: map[string]string{
				"core":       goMod("core // published"),
				"adapters/a": goMod("adapters/a // published", "adapters/b"),
				"adapters/b": goMod("adapters/b // published", "adapters/c"),
				"adapters/c": goMod("adapters/c // published", "core"),
			},
			want: "core adapters/c adapters/b adapters/a",
		},
		{
			name: "two of one",
			goMods: map[string]string{
				"core":       goMod("core // published"),
				"adapters/a": goMod("adapters/a // published", "core", "adapters/z"),
				"adapters/m": goMod("adapters/m // published", "core"),
				"adapters/y": goMod("adapters/y // published", "core", "adapters/z"),
				"adapters/z": goMod("adapters/z // published", "core"),
			},
			want: "core adapters/m adapters/z adapters/a adapters/y",
		},
		{
			name: "cycle",
			goMods: map[string]string{
				"core":       goMod("core // published"),
				"adapters/a": goMod("adapters/a // published", "adapters/b"),
				"adapters/b": goMod("adapters/b // published", "adapters/a"),
			},
			error: "cannot be tagged in any order: adapters/a, adapters/b",
		},
		{
			name: "a private requirement",
			goMods: map[string]string{
				"core":       goMod("core // published"),
				"adapters/a": goMod("adapters/a // published", "examples"),
				"examples":   goMod("examples // private: for a test", "core"),
			},
			error: "adapters/a/go.mod requires github.com/polycors/cors/examples, which is not published",
		},
		{
			name:   "no core",
			goMods: map[string]string{"adapters/a": goMod("adapters/a // published")},
			error:  "core is not among the published modules",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			for dir, text := range c.goMods {
				write(t, root, dir+"/go.mod", text)
			}
			modules, err := findModules(root)
			if err != nil {
				t.Fatal(err)
			}
			releases, err := published(modules)
			if c.error != "" {
				if err == nil || !strings.Contains(err.Error(), c.error) {
					t.Errorf("got %v, want an error with %q", err, c.error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range releases {
				got = append(got, m.dir)
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
