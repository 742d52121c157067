package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// rehearse builds the zips of the modules, serves them as a file proxy, and then does what users do: for each adapter a program outside of the tree,
// the one in README.md, gets it, builds, and answers a preflight. The adapter's own tests run against the zip of core too.
func rehearse(ctx context.Context, root string, modules []module, stdout io.Writer) error {
	version, err := agreed(modules)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "polycors-rehearsal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	proxy := filepath.Join(temp, "proxy")
	if err := writeProxy(ctx, root, proxy, modules, version); err != nil {
		return err
	}
	tools, err := newTools(ctx, temp, proxy)
	if err != nil {
		return err
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return err
	}
	from := "the tree"
	if isTagged(ctx, root, modules[0].tag(version)) {
		from = "the tag " + modules[0].tag(version)
	}
	fmt.Fprintf(stdout, "core %s from %s, adapters from the tree\n", version, from)

	adapters := modules[1:]
	problems := make([]error, len(adapters))
	var wg sync.WaitGroup
	places := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)) // go itself uses several processors
	for i, m := range adapters {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			start := time.Now()
			var served error
			if get, program := programOf(readme, m); program == "" {
				served = fmt.Errorf("README.md has no program that imports %s, with a go get command above it", m.path())
			} else {
				served = tools.consume(ctx, filepath.Join(temp, "consumer-"+m.name()), m, get, program)
			}
			tested := tools.test(ctx, filepath.Join(temp, "tested-"+m.name()), proxy, m, version)
			if problems[i] = errors.Join(served, tested); problems[i] == nil {
				fmt.Fprintf(stdout, "%s: got, built, answered a preflight, passed its tests (%d s)\n", m.name(), int(time.Since(start).Seconds()))
			} else {
				problems[i] = fmt.Errorf("%s: %w", m.name(), problems[i])
			}
		})
	}
	wg.Wait()
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("%w\n\ncore %s is from %s; an adapter that needs a newer one requires it after bump -requires, see RELEASING.md", err, version, from)
	}
	return nil
}

// programOf returns the program in README.md that uses the adapter, and the command in the line above it; "" if there is none.
func programOf(readme []byte, m module) (get, program string) {
	readme = bytes.ReplaceAll(readme, []byte("\r\n"), []byte("\n"))
	for _, block := range regexp.MustCompile("(?ms)`(go get [^`\n]+)`:\n\n```go\n(package main\n.*?)^```$").FindAllSubmatch(readme, -1) {
		if bytes.Contains(block[2], []byte(`"`+m.path()+`"`)) {
			return string(block[1]), string(block[2])
		}
	}
	return "", ""
}

// tools run go as a stranger would, who has nothing of this repository but what the folders of newTools serve, as file proxies.
type tools struct{ env []string }

func newTools(ctx context.Context, temp string, folders ...string) (*tools, error) {
	output, err := exec.CommandContext(ctx, "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(env) != 2 {
		return nil, fmt.Errorf("go env: got %q", output)
	}
	// A cache of its own, or a zip of an earlier rehearsal would be used. What the frameworks need comes from the usual cache as far as it is there.
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
		"GOMODCACHE="+filepath.Join(temp, "mod"),
		"GOFLAGS=-modcacherw -trimpath", // so that it can be removed, and that the next rehearsal finds what this one has compiled
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

// address is where the programs in README.md listen.
const address = "127.0.0.1:8080"

// consume does with an adapter what README.md says, in an empty folder.
func (t *tools) consume(ctx context.Context, dir string, m module, get, program string) error {
	if strings.Count(program, address) != 1 {
		return fmt.Errorf("README.md: the program for %s does not listen on %s", m.name(), address)
	}
	free, err := freeAddress()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(strings.Replace(program, address, free, 1)), 0o644); err != nil {
		return err
	}
	binary := filepath.Join(dir, "consumer.exe")
	for _, command := range [][]string{
		{"go", "mod", "init", "example.com/consumer"},
		strings.Fields(get),
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

// freeAddress returns a loopback address that nothing listens on. The program listens there much later, so the port is none that systems hand out
// for connections, which tests make by the thousand.
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

// preflight sends one preflight of an allowed origin and one of another, and returns what is wrong with the answers.
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
		fmt.Fprintf(conn, "OPTIONS /items HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nAccess-Control-Request-Method: PUT\r\nConnection: close\r\n\r\n", addr, c.origin)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		conn.Close()
		if err != nil {
			return fmt.Errorf("a preflight from %s: %w", c.origin, err)
		}
		response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); got != c.granted || response.StatusCode != c.status {
			return fmt.Errorf("a preflight from %s: got %d and Access-Control-Allow-Origin %q, want %d and %q", c.origin, response.StatusCode, got, c.status, c.granted)
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

// test runs an adapter's own tests against the core that it requires, instead of the one beside it in the tree.
func (t *tools) test(ctx context.Context, dir, proxy string, m module, version string) error {
	if err := unzip(proxy, dir, m, version); err != nil {
		return err
	}
	for _, command := range [][]string{
		{"go", "mod", "edit", "-dropreplace=" + corePath},
		{"go", "test", "-mod=mod", "./..."}, // which adds the sum of core
	} {
		if err := t.run(ctx, dir, command...); err != nil {
			return err
		}
	}
	return nil
}
