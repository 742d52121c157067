package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	modulepath "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// writeProxy writes what the users of m get, as a module proxy serves it. m comes from the tree,
// since the question is whether it can be released. What it requires of this repository comes from
// the tags, and from the tree if that version is not tagged yet. It returns a line that says where
// each came from.
func writeProxy(ctx context.Context, root, dir string, releases []module, m module, version string) (string, error) {
	mod, err := writeModule(ctx, root, dir, m, version, false)
	if err != nil {
		return "", err
	}
	var sources []string
	required := ownRequirements(mod)
	written := map[modulepath.Version]bool{{Path: m.path(), Version: version}: true}
	for len(required) > 0 {
		r := required[0]
		required = required[1:]
		if written[r] {
			continue
		}
		written[r] = true
		i := slices.IndexFunc(releases, func(m module) bool { return m.path() == r.Path })
		if i < 0 {
			return "", fmt.Errorf("%s: requires %s, which is not a published module of this repository", m.dir, r)
		}
		tagged := isTagged(ctx, root, releases[i].tag(r.Version))
		source := "the tree"
		switch {
		case tagged:
			source = "its tag"
		case r.Version != version:
			return "", fmt.Errorf("%s: requires %s, and there is no tag %s", m.dir, r, releases[i].tag(r.Version))
		}
		mod, err := writeModule(ctx, root, dir, releases[i], r.Version, tagged)
		if err != nil {
			return "", err
		}
		sources = append(sources, fmt.Sprintf("%s %s from %s", releases[i].name(), r.Version, source))
		required = append(required, ownRequirements(mod)...)
	}
	return strings.Join(sources, ", "), nil
}

// writeModule adds a version of a module to the folder of a file proxy
// (https://go.dev/ref/mod#goproxy-protocol), from its tag or from the tree. It returns the go.mod
// of that version.
func writeModule(
	ctx context.Context, root, dir string, m module, version string, tagged bool,
) (*modfile.File, error) {
	versions, err := versionsDir(dir, m)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return nil, err
	}
	var zipped bytes.Buffer
	v := modulepath.Version{Path: m.path(), Version: version}
	var mod []byte
	if tagged {
		mod, err = exec.CommandContext(ctx, "git", "-C", root, "show", m.tag(version)+":"+m.dir+"/go.mod").Output()
		err = errors.Join(err, zip.CreateFromVCS(&zipped, v, root, m.tag(version), m.dir))
	} else {
		mod, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(m.dir), "go.mod"))
		err = errors.Join(err, zipTree(ctx, &zipped, v, root, m.dir))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.dir, err)
	}
	parsed, err := modfile.Parse(m.dir+"/go.mod", mod, nil)
	if err != nil {
		return nil, err
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return nil, err
	}
	list, err := os.ReadFile(filepath.Join(versions, "list"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for name, data := range map[string][]byte{
		"list":            append(list, version+"\n"...),
		version + ".info": info,
		version + ".mod":  mod,
		version + ".zip":  zipped.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(versions, name), data, 0o644); err != nil {
			return nil, err
		}
	}
	return parsed, nil
}

// versionsDir returns the folder for a module in a file proxy.
func versionsDir(proxy string, m module) (string, error) {
	escaped, err := modulepath.EscapePath(m.path())
	return filepath.Join(proxy, filepath.FromSlash(escaped), "@v"), err
}

// unzip unpacks a module of a file proxy into a new folder, and drops every replacement of a module
// of this repository: users get what the module requires.
func (t *tools) unzip(ctx context.Context, proxy, dir string, m module, version string) error {
	versions, err := versionsDir(proxy, m)
	if err != nil {
		return err
	}
	v := modulepath.Version{Path: m.path(), Version: version}
	if err := zip.Unzip(dir, v, filepath.Join(versions, version+".zip")); err != nil {
		return err
	}
	for _, replaced := range ownReplacements(m.file) {
		if err := t.run(ctx, dir, "go", "mod", "edit", "-dropreplace="+replaced); err != nil {
			return err
		}
	}
	return nil
}

func isTagged(ctx context.Context, root, tag string) bool {
	return exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--quiet", "--verify", "refs/tags/"+tag).Run() == nil
}

// zipTree writes the zip of a folder of the tree, without the files that git ignores, because no
// tag will have them.
func zipTree(ctx context.Context, w io.Writer, v modulepath.Version, root, dir string) error {
	list := exec.CommandContext(ctx, "git", "-C", root,
		"ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", dir)
	names, err := list.Output()
	if err != nil {
		return fmt.Errorf("git ls-files: %w", err)
	}
	var files []zip.File
	licensed := false
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		f := treeFile{filepath.Join(root, filepath.FromSlash(name)), strings.TrimPrefix(name, dir+"/")}
		if _, err := f.Lstat(); errors.Is(err, fs.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		licensed = licensed || f.inZip == "LICENSE"
		files = append(files, f)
	}
	if !licensed {
		// As go itself does with a module in a folder (https://go.dev/ref/mod#vcs-license).
		files = append(files, treeFile{filepath.Join(root, "LICENSE"), "LICENSE"})
	}
	return zip.Create(w, v, files)
}

// treeFile is a file of the tree. It implements zip.File.
type treeFile struct{ name, inZip string }

func (f treeFile) Path() string                 { return path.Clean(f.inZip) }
func (f treeFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.name) }
func (f treeFile) Open() (io.ReadCloser, error) { return os.Open(f.name) }
