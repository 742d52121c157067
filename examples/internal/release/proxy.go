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
	"strings"
	"time"

	modulepath "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// writeProxy writes the modules as a module proxy has them. A core whose version is tagged is taken from the tag, since that is what users get
// whatever the tree has. An adapter comes from the tree even if its version is tagged: the question is what becomes of its changes.
func writeProxy(ctx context.Context, root, dir string, modules []module, version string) error {
	for _, m := range modules {
		if err := writeModule(ctx, root, dir, m, version, m.path() == corePath && isTagged(ctx, root, m.tag(version))); err != nil {
			return err
		}
	}
	return nil
}

// writeModule writes a version of a module into the folder of a file proxy (https://go.dev/ref/mod#goproxy-protocol), as the only one there, from its tag
// or from the tree.
func writeModule(ctx context.Context, root, dir string, m module, version string, tagged bool) error {
	escaped, err := modulepath.EscapePath(m.path())
	if err != nil {
		return err
	}
	versions := filepath.Join(dir, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
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
		return fmt.Errorf("%s: %w", m.dir, err)
	}
	info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"list": []byte(version + "\n"), version + ".info": info, version + ".mod": mod, version + ".zip": zipped.Bytes()} {
		if err := os.WriteFile(filepath.Join(versions, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// unzip unpacks a module of a file proxy into a new folder.
func unzip(proxy, dir string, m module, version string) error {
	escaped, err := modulepath.EscapePath(m.path())
	if err != nil {
		return err
	}
	zipped := filepath.Join(proxy, filepath.FromSlash(escaped), "@v", version+".zip")
	return zip.Unzip(dir, modulepath.Version{Path: m.path(), Version: version}, zipped)
}

func isTagged(ctx context.Context, root, tag string) bool {
	return exec.CommandContext(ctx, "git", "-C", root, "rev-parse", "--quiet", "--verify", "refs/tags/"+tag).Run() == nil
}

// zipTree writes the zip of a folder of the tree, without what git ignores, which no tag will have.
func zipTree(ctx context.Context, w io.Writer, v modulepath.Version, root, dir string) error {
	list := exec.CommandContext(ctx, "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", dir)
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
