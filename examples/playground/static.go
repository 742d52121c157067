package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// staticPolicy is the Content-Security-Policy of the static page, which needs nothing except its
// own files. The server of the playground sends a header instead.
const staticPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'"

// writeStatic writes the page into a folder that any web server can serve. The page explains
// requests without the servers of the playground, because question.Explain is in the folder as
// WebAssembly. The go command must be installed.
func writeStatic(ctx context.Context, folder string, stdout io.Writer) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if err := copyPage(folder); err != nil {
		return err
	}
	root, err := output(exec.CommandContext(ctx, "go", "env", "GOROOT"))
	if err != nil {
		return err
	}
	const support = "wasm_exec.js" // connects Go to JavaScript, and belongs to the version of Go
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", support))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, support), script, 0o644); err != nil {
		return err
	}
	module, err := buildModule(ctx)
	if err != nil {
		return err
	}
	// Not every web server compresses WebAssembly, so the module is compressed here.
	compressed, err := compress(module)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "polycors.wasm.gz"), compressed, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "The page is in %s. Its WebAssembly module has %.1f MB, and %.1f MB compressed.\n",
		folder, float64(len(module))/1e6, float64(len(compressed))/1e6)
	return err
}

// copyPage copies the files of the page, and makes the page use the module instead of the server.
func copyPage(folder string) error {
	files, err := fs.Sub(embedded, "page")
	if err != nil {
		return err
	}
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		switch name {
		case "engine.json":
			data = []byte(`{"engine": "wasm"}` + "\n")
		case "index.html":
			const before = `<meta charset="utf-8">` + "\n"
			if !bytes.Contains(data, []byte(before)) {
				return errors.New("playground: index.html has no place for the Content-Security-Policy")
			}
			policy := `<meta http-equiv="Content-Security-Policy" content="` + staticPolicy + `">` + "\n"
			data = bytes.Replace(data, []byte(before), []byte(before+policy), 1)
		}
		to := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
}

// buildModule returns the WebAssembly module.
func buildModule(ctx context.Context) ([]byte, error) {
	temp, err := os.MkdirTemp("", "playground-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	to := filepath.Join(temp, "polycors.wasm")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", to,
		"github.com/polycors/cors/examples/playground/wasm")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if _, err := output(build); err != nil {
		return nil, err
	}
	return os.ReadFile(to)
}

// output runs a command and returns its output. The error contains what the command said.
func output(c *exec.Cmd) (string, error) {
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("playground: %s: %w\n%s", strings.Join(c.Args, " "), err, &stderr)
	}
	return stdout.String(), nil
}

func compress(data []byte) ([]byte, error) {
	var compressed bytes.Buffer
	w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return compressed.Bytes(), nil
}
