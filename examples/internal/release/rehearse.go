package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/modfile"
)

// rehearse builds the zips of the modules, serves them as a file proxy, and then does what users
// do. For each adapter it copies its program from examples into a folder outside the tree, gets the
// adapter, builds the program, starts it, and sends preflights. The adapter's own tests run
// against the zips of what it requires too. If only has names of adapters, the others are left out.
func rehearse(ctx context.Context, root string, releases []module, only []string, stdout io.Writer) error {
	version, err := agreed(releases)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "polycors-rehearsal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	adapters := slices.DeleteFunc(slices.Clone(releases), func(m module) bool {
		return m.path() == corePath || len(only) > 0 && !slices.Contains(only, m.name())
	})
	if len(only) > len(adapters) {
		return fmt.Errorf("rehearse: not every name is that of a published adapter: %s", strings.Join(only, " "))
	}
	problems := make([]error, len(adapters))
	var wg sync.WaitGroup
	places := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)) // go itself uses several processors
	for i, m := range adapters {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			start := time.Now()
			sources, err := rehearseAdapter(ctx, root, filepath.Join(temp, m.name()), releases, m, version)
			if err != nil {
				problems[i] = fmt.Errorf("%s, with %s: %w", m.dir, sources, err)
				return
			}
			fmt.Fprintf(stdout, "%s, with %s: got, built, answered preflights, passed its tests (%d s)\n",
				m.name(), sources, int(time.Since(start).Seconds()))
		})
	}
	wg.Wait()
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%w\n\nA module that needs more than the tagged versions that it requires "+
			"has to require the next version: run bump -requires, see RELEASING.md", err)
	}
	return nil
}

// rehearseAdapter rehearses one adapter in a new folder. It also returns where the modules that the
// adapter requires came from.
//
// Each adapter has a proxy and a module cache of its own: where one adapter requires another, the
// other is rehearsed from the tree but required from its tag, under the same version.
func rehearseAdapter(
	ctx context.Context, root, temp string, releases []module, m module, version string,
) (sources string, err error) {
	proxy := filepath.Join(temp, "proxy")
	if sources, err = writeProxy(ctx, root, proxy, releases, m, version); err != nil {
		return sources, err
	}
	tools, err := newTools(ctx, temp, proxy)
	if err != nil {
		return sources, err
	}
	return sources, errors.Join(
		tools.consume(ctx, root, filepath.Join(temp, "consumer"), m),
		tools.test(ctx, proxy, filepath.Join(temp, "tested"), m, version))
}

// program is the program that shows how to use an adapter.
type program struct {
	file   string // in the repository
	source string
	get    []string // what to get for it: the adapter, and other modules with their versions
}

// findProgram returns the program that imports the adapter. Programs are in the files
// examples/<folder>/main.go. If several import the adapter, the shortest one is its program,
// because that one shows nothing else.
func findProgram(root string, m module) (program, error) {
	files, err := filepath.Glob(filepath.Join(root, "examples", "*", "main.go"))
	if err != nil {
		return program{}, err
	}
	var found program
	var imports []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			return program{}, err
		}
		imported, err := importsOf(source)
		if err != nil {
			return program{}, fmt.Errorf("%s: %w", file, err)
		}
		if slices.Contains(imported, m.path()) && (found.file == "" || len(source) < len(found.source)) {
			found.file, found.source, imports = file, string(source), imported
		}
	}
	if found.file == "" {
		return program{}, fmt.Errorf("no examples/*/main.go imports %s; add a program that shows how to use it", m.path())
	}
	mod, err := parseGoMod(filepath.Join(root, "examples", "go.mod"))
	if err != nil {
		return program{}, err
	}
	found.get, err = modulesToGet(imports, mod, m)
	if err != nil {
		return program{}, fmt.Errorf("%s: %w", found.file, err)
	}
	return found, nil
}

func importsOf(source []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// modulesToGet returns the arguments of go get for a program: the adapter, and the modules of other
// repositories in the versions that mod requires.
func modulesToGet(imports []string, mod *modfile.File, adapter module) ([]string, error) {
	get := []string{adapter.path()}
	for _, path := range imports {
		if host, _, _ := strings.Cut(path, "/"); !strings.Contains(host, ".") || strings.HasPrefix(path, prefix) {
			continue // the standard library, or ours
		}
		i := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool {
			return path == r.Mod.Path || strings.HasPrefix(path, r.Mod.Path+"/")
		})
		if i < 0 {
			return nil, fmt.Errorf("examples/go.mod requires no module for %s", path)
		}
		get = append(get, mod.Require[i].Mod.String())
	}
	return get, nil
}

// tools runs go as a user would, who has nothing of this repository except what the folders of
// newTools serve.
type tools struct{ env []string }

// newTools returns tools for which each folder is a file proxy. What the frameworks need comes from
// the usual module cache, and from the usual proxy if it is not there. Programs and modules are
// kept in temp.
func newTools(ctx context.Context, temp string, folders ...string) (*tools, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(env) != 2 {
		return nil, fmt.Errorf("go env: got %q", output)
	}
	var proxies []string
	for _, folder := range append(folders, filepath.Join(strings.TrimSpace(env[1]), "cache", "download")) {
		proxies = append(proxies, fileURL(folder))
	}
	if usual := strings.TrimSpace(env[0]); usual != "" && usual != "off" {
		proxies = append(proxies, usual)
	}
	return &tools{append(os.Environ(),
		"GOWORK=off",
		"GOPROXY="+strings.Join(proxies, ","),
		"GONOSUMDB="+prefix+"*",
		"GOPRIVATE=", "GONOPROXY=",
		// The usual module cache may have a zip of the same version from an earlier run.
		"GOMODCACHE="+filepath.Join(temp, "mod"),
		// The first so that temp can be removed, the second so that the build cache serves any temp.
		"GOFLAGS=-modcacherw -trimpath",
	)}, nil
}

// fileURL returns the URL of a folder, on Windows too.
func fileURL(dir string) string {
	slashed := filepath.ToSlash(dir)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}

// run runs a command in a folder. Its output is part of the error.
func (t *tools) run(ctx context.Context, dir string, command ...string) error {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir, c.Env = dir, t.env
	c.WaitDelay = 10 * time.Second // what go has started may hold the output open
	if output, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, output)
	}
	return nil
}

// address is where the programs in examples listen.
const address = "127.0.0.1:8080"

// consume builds the program for an adapter in an empty folder, starts it and sends preflights.
func (t *tools) consume(ctx context.Context, root, dir string, m module) error {
	program, err := findProgram(root, m)
	if err != nil {
		return err
	}
	_, code, _ := strings.Cut(program.source, "\npackage main") // without the comment
	if strings.Count(code, address) != 1 {
		return fmt.Errorf("%s does not listen on %s", program.file, address)
	}
	free, err := freeAddress()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	source := strings.ReplaceAll(program.source, address, free)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644); err != nil {
		return err
	}
	binary := filepath.Join(dir, "consumer.exe")
	for _, command := range [][]string{
		{"go", "mod", "init", "example.com/consumer"},
		append([]string{"go", "get"}, program.get...),
		{"go", "build", "-o", binary, "."},
	} {
		if err := t.run(ctx, dir, command...); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	server := exec.CommandContext(ctx, binary)
	var output bytes.Buffer
	server.Stdout, server.Stderr = &output, &output
	if err := server.Start(); err != nil {
		return err
	}
	problem := preflight(ctx, free)
	cancel()
	if err := server.Wait(); problem != nil {
		return fmt.Errorf("%w\nthe server: %w\n%s", problem, err, output.Bytes())
	}
	return nil
}

// freeAddress returns a loopback address that nothing listens on. The program listens there much
// later, so the port is outside the range from which systems choose ports for connections, of which
// tests make thousands.
func freeAddress() (string, error) {
	var problem error
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000)))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
		problem = err
	}
	return "", problem
}

// preflight sends one preflight from an allowed origin and one from another. The error says what is
// wrong with a response.
func preflight(ctx context.Context, addr string) error {
	for _, c := range [...]struct {
		origin, granted string
		status          int
	}{
		{"https://app.example.com", "https://app.example.com", http.StatusNoContent},
		{"https://evil.example", "", http.StatusForbidden},
	} {
		conn, err := dial(ctx, addr)
		if err != nil {
			return err
		}
		fmt.Fprintf(conn, "OPTIONS /items HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\n"+
			"Access-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n", addr, c.origin)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			return fmt.Errorf("a preflight from %s: %w", c.origin, err)
		}
		response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != c.granted || response.StatusCode != c.status {
			return fmt.Errorf("a preflight from %s: got %d and Access-Control-Allow-Origin %q, want %d and %q",
				c.origin, response.StatusCode, got, c.status, c.granted)
		}
	}
	return nil
}

// dial waits until the server listens.
func dial(ctx context.Context, addr string) (net.Conn, error) {
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn, conn.SetDeadline(time.Now().Add(20 * time.Second))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the program does not listen on %s: %w", addr, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// test runs an adapter's own tests against the modules that it requires, instead of those beside it
// in the tree.
func (t *tools) test(ctx context.Context, proxy, dir string, m module, version string) error {
	if err := t.unzip(ctx, proxy, dir, m, version); err != nil {
		return err
	}
	return t.run(ctx, dir, "go", "test", "-mod=mod", "./...") // -mod=mod adds the checksums of our modules to go.sum
}
