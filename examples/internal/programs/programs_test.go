// Package programs tests the programs in the examples folder, which are there to be copied. Each
// main.go is copied alone into a module outside the repository, built there and started. The tests
// send it requests over loopback.
package programs

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/modfile"

	// The programs import these. If the packages change, a cached result of this test is not used.
	_ "github.com/polycors/cors/adapters/corschi"
	_ "github.com/polycors/cors/adapters/corsecho"
	_ "github.com/polycors/cors/adapters/corsecho5"
	_ "github.com/polycors/cors/adapters/corsfasthttp"
	_ "github.com/polycors/cors/adapters/corsfiber"
	_ "github.com/polycors/cors/adapters/corsfiber3"
	_ "github.com/polycors/cors/adapters/corsgin"
	_ "github.com/polycors/cors/adapters/corshttp"
	_ "github.com/polycors/cors/core"
	_ "github.com/polycors/cors/core/settings"
)

// The addresses in the programs: each program listens on the first one, and the reverse proxy
// forwards to the second one.
const (
	listenAddress   = "127.0.0.1:8080"
	upstreamAddress = "127.0.0.1:9000"
)

// program is a program that has been built.
type program struct {
	source   string
	binary   string
	addr     string // where it listens
	upstream string // where it forwards requests to
}

// names returns the folders of the programs.
func names(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if name := filepath.Base(filepath.Dir(file)); name != "playground" {
			found = append(found, name)
		}
	}
	return found
}

var (
	buildOnce sync.Once
	built     map[string]program
	buildErr  error
	temp      string
)

func TestMain(m *testing.M) {
	code := m.Run()
	if temp != "" {
		os.RemoveAll(temp)
	}
	os.Exit(code)
}

// build returns all programs, which are built once.
func build(t *testing.T) map[string]program {
	t.Helper()
	if testing.Short() {
		t.Skip("the programs are built, which takes some seconds")
	}
	found := names(t)
	buildOnce.Do(func() { built, buildErr = buildAll(t.Context(), found) })
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

// buildAll builds the programs in a module that has nothing of this repository except its published
// modules. The versions of all other modules are those in examples/go.mod.
func buildAll(ctx context.Context, names []string) (map[string]program, error) {
	var err error
	if temp, err = os.MkdirTemp("", "polycors-programs-"); err != nil {
		return nil, err
	}
	if err := writeModule(temp); err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(temp, "bin"), 0o755); err != nil {
		return nil, err
	}
	programs := map[string]program{}
	var taken []string
	for _, name := range names {
		source, err := os.ReadFile(filepath.Join("..", "..", name, "main.go"))
		if err != nil {
			return nil, err
		}
		p := program{source: strings.ReplaceAll(string(source), "\r\n", "\n")}
		if n := strings.Count(code(p.source), listenAddress); n != 1 {
			return nil, fmt.Errorf("%s has %s %d times, want once", name, listenAddress, n)
		}
		for _, address := range []*string{&p.addr, &p.upstream} {
			if *address, err = freeAddress(taken); err != nil {
				return nil, err
			}
			taken = append(taken, *address)
		}
		p.binary = filepath.Join(temp, "bin", name)
		if runtime.GOOS == "windows" {
			p.binary += ".exe"
		}
		text := strings.NewReplacer(listenAddress, p.addr, upstreamAddress, p.upstream).Replace(p.source)
		if err := write(filepath.Join(temp, name, "main.go"), text); err != nil {
			return nil, err
		}
		programs[name] = p
	}
	// The folder has another name each time. With -trimpath, packages are cached nevertheless.
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(temp, "bin"), "./...")
	c.Dir = temp
	c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
	if output, err := c.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("the programs do not build outside the repository: %w\n%s", err, output)
	}
	return programs, nil
}

// writeModule writes the go.mod and go.sum of the examples to a folder outside the repository.
func writeModule(folder string) error {
	const examples = "../../"
	data, err := os.ReadFile(examples + "go.mod")
	if err != nil {
		return err
	}
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return err
	}
	if err := file.AddModuleStmt("example.com/programs"); err != nil {
		return err
	}
	for _, r := range slices.Clone(file.Replace) {
		path, err := filepath.Abs(examples + filepath.FromSlash(r.New.Path))
		if err != nil {
			return err
		}
		if err := file.AddReplace(r.Old.Path, "", filepath.ToSlash(path), ""); err != nil {
			return err
		}
	}
	if data, err = file.Format(); err != nil {
		return err
	}
	sums, err := os.ReadFile(examples + "go.sum")
	if err != nil {
		return err
	}
	if err := write(filepath.Join(folder, "go.mod"), string(data)); err != nil {
		return err
	}
	return write(filepath.Join(folder, "go.sum"), string(sums))
}

func write(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600)
}

// freeAddress returns a loopback address that nothing listens on. The program listens there later,
// so the port is outside the range from which systems choose ports for connections.
func freeAddress(taken []string) (string, error) {
	var problem error
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000))
		l, err := net.Listen("tcp", addr)
		switch {
		case err != nil:
			problem = err
		case l.Close() == nil && !slices.Contains(taken, addr):
			return addr, nil
		}
	}
	return "", fmt.Errorf("no free port: %w", problem)
}

// code returns a program without the comment above its package clause.
func code(source string) string {
	_, after, found := strings.Cut(source, "\npackage main\n")
	if !found {
		return source
	}
	return "package main\n" + after
}

// site is a program that is running.
type site struct {
	program
	t      *testing.T
	folder string // in which it runs
	exited chan struct{}
	stop   context.CancelFunc
	output *bytes.Buffer // to be read after exited is closed
}

// launch starts a program in an empty folder. files has the text of the files to write there first,
// and env has lines such as "NAME=value".
func launch(t *testing.T, name string, files map[string]string, env ...string) *site {
	t.Helper()
	p, ok := build(t)[name]
	if !ok {
		t.Fatalf("there is no program %s", name)
	}
	s := &site{program: p, t: t, folder: t.TempDir(), exited: make(chan struct{}), output: &bytes.Buffer{}}
	for file, text := range files {
		if err := write(filepath.Join(s.folder, file), text); err != nil {
			t.Fatal(err)
		}
	}
	var ctx context.Context
	ctx, s.stop = context.WithTimeout(context.Background(), time.Minute)
	c := exec.CommandContext(ctx, p.binary)
	c.Dir, c.Stdout, c.Stderr = s.folder, s.output, s.output
	for _, line := range os.Environ() {
		if !strings.HasPrefix(line, "CORS_") && !strings.HasPrefix(line, "CSRF_") {
			c.Env = append(c.Env, line)
		}
	}
	c.Env = append(c.Env, env...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.Wait() // it is killed at the end, so there is an error
		close(s.exited)
	}()
	t.Cleanup(func() {
		s.stop()
		<-s.exited
		if t.Failed() {
			t.Logf("%s printed:\n%s", name, s.output)
		}
	})
	return s
}

// start starts a program, and waits until it listens.
func start(t *testing.T, name string, files map[string]string, env ...string) *site {
	t.Helper()
	s := launch(t, name, files, env...)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", s.addr, time.Second)
		if err == nil {
			conn.Close()
			return s
		}
		select {
		case <-s.exited:
			t.Fatalf("%s ended before it listened", name)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen: %v", name, err)
		}
	}
}

// refuses starts a program, which has to end by itself, and returns what it prints.
func refuses(t *testing.T, name string, env ...string) string {
	t.Helper()
	s := launch(t, name, nil, env...)
	select {
	case <-s.exited:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s is still running", name)
	}
	return s.output.String()
}

// response is the response to a request. Its body is at most 64 KiB.
type response struct {
	status int
	header http.Header
	body   string
}

// send sends a request with headers such as "Origin: https://app.example.com".
func (s *site) send(method, path, body string, header ...string) response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: !slices.Contains(header, "Connection: Upgrade")}
	defer transport.CloseIdleConnections()
	got, err := transport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode == http.StatusSwitchingProtocols {
		return response{got.StatusCode, got.Header, ""} // the body would not end
	}
	data, err := io.ReadAll(io.LimitReader(got.Body, 64<<10))
	if err != nil {
		s.t.Fatal(err)
	}
	return response{got.StatusCode, got.Header, string(data)}
}

// cors returns the CORS headers of the response, and Vary. A header with several lines has them
// joined by " | ".
func (r response) cors() map[string]string {
	found := map[string]string{}
	for name, values := range r.header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			found[name] = strings.Join(values, " | ")
		}
	}
	return found
}

// is checks the status and all CORS headers of the response.
func (r response) is(t *testing.T, what string, status int, want map[string]string) {
	t.Helper()
	if r.status != status || !maps.Equal(r.cors(), want) {
		t.Errorf("%s: got %d and %v\n%s\nwant %d and %v", what, r.status, r.cors(), r.body, status, want)
	}
}

// TestEveryProgramIsTested checks that the programs are those that the tests of this package start.
func TestEveryProgramIsTested(t *testing.T) {
	var want []string
	for name := range frameworks {
		want = append(want, name)
	}
	want = append(want, "bearer-api", "dynamic", "env-config", "preview-deployments", "reverse-proxy", "spa-cookies",
		"websocket")
	slices.Sort(want)
	if got := names(t); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// step is a command in the comment of a program, and the lines of the response that it shows.
type step struct {
	env     []string // before the command
	command string
	lines   []string
}

// steps returns the commands in a program's comment.
func steps(source string) []step {
	comment, _, _ := strings.Cut(source, "\npackage main\n")
	comment = strings.ReplaceAll(comment, "\\\n//\t", "")
	var found []step
	for line := range strings.Lines(comment) {
		line, isCode := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "//\t")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case isCommand:
			var s step
			for {
				word, rest, _ := strings.Cut(command, " ")
				if !regexp.MustCompile(`^[A-Z_]+=`).MatchString(word) {
					break
				}
				s.env, command = append(s.env, word), rest
			}
			s.command = command
			found = append(found, s)
		case isCode && len(found) > 0:
			found[len(found)-1].lines = append(found[len(found)-1].lines, line)
		}
	}
	return found
}

// words splits a command as a shell does. It supports what the comments need.
func words(command string) []string {
	var found []string
	for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1) {
		found = append(found, strings.Trim(word, `"`))
	}
	return found
}

// TestComments runs the commands in the comment of each program, and checks that the response has
// the lines that the comment shows.
func TestComments(t *testing.T) {
	_, err := exec.LookPath("curl")
	hasCurl := err == nil
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			p := build(t)[name]
			if name == "reverse-proxy" {
				serveUpstream(t, p.upstream)
			}
			files := map[string]string{}
			var s *site
			tried := 0
			for _, step := range steps(p.source) {
				args := words(step.command)
				switch args[0] {
				case "echo": // echo <text> > <file>
					files[args[3]] = args[1] + "\n"
				case "go":
					if step.command != "go run ." {
						t.Fatalf("this test does not know the command %q", step.command)
					}
					s = start(t, name, files, step.env...)
				case "curl":
					tried++
					if len(step.lines) == 0 {
						t.Errorf("%s: the comment shows no line of the response", step.command)
					}
					for i := range args {
						args[i] = strings.Replace(args[i], listenAddress, s.addr, 1)
					}
					s.shows(step, s.request(args))
					if hasCurl {
						s.shows(step, s.curl(args))
					}
				default:
					t.Fatalf("this test does not know the command %q", step.command)
				}
			}
			if tried == 0 {
				t.Error("the comment has no curl command")
			}
		})
	}
}

// request sends the request of a curl command.
func (s *site) request(args []string) response {
	s.t.Helper()
	method, body, path := "", "", ""
	var header []string
	for i := 1; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "-si":
		case arg == "-X" && i+1 < len(args):
			i++
			method = args[i]
		case arg == "-H" && i+1 < len(args):
			i++
			header = append(header, args[i])
		case arg == "-d" && i+1 < len(args):
			i++
			body = args[i]
			header = append(header, "Content-Type: application/x-www-form-urlencoded")
		case path == "" && strings.HasPrefix(arg, "http://"+s.addr):
			path = strings.TrimPrefix(arg, "http://"+s.addr)
		default:
			s.t.Fatalf("this test does not know what curl does with %q", arg)
		}
	}
	switch {
	case method == "" && body == "":
		method = "GET"
	case method == "":
		method = "POST"
	}
	return s.send(method, path, body, header...)
}

// curl runs curl itself.
func (s *site) curl(args []string) response {
	s.t.Helper()
	output, err := exec.CommandContext(s.t.Context(), "curl", append(args[1:], "--max-time", "5")...).Output()
	if err != nil {
		s.t.Fatalf("%q: %v", args, err)
	}
	got := response{header: http.Header{}}
	head, body, _ := strings.Cut(string(output), "\r\n\r\n")
	got.body = body
	for i, line := range strings.Split(head, "\r\n") {
		name, value, _ := strings.Cut(line, ": ")
		if i > 0 {
			got.header.Add(name, value)
		} else if _, err := fmt.Sscanf(line, "HTTP/1.1 %d", &got.status); err != nil {
			s.t.Fatalf("the first line is %q", line)
		}
	}
	return got
}

// shows checks that the response has the lines in the comment.
func (s *site) shows(step step, got response) {
	s.t.Helper()
	for _, line := range step.lines {
		if line == "" {
			continue
		}
		name, value, isHeader := strings.Cut(line, ": ")
		switch {
		case isHeader && !slices.Equal(got.header.Values(name), []string{value}):
			s.t.Errorf("%s: got %s: %q, and the comment shows %q", step.command, name, got.header.Values(name), value)
		case !isHeader && line != fmt.Sprintf("HTTP/1.1 %d %s", got.status, http.StatusText(got.status)):
			s.t.Errorf("%s: got status %d, and the comment shows %q", step.command, got.status, line)
		}
	}
}

// TestREADME checks that the programs in README.md, and in those of the adapters, are the programs
// that this package builds. README.md has the one for gin. If a go get command names a version, it
// is the one with which the programs are built.
func TestREADME(t *testing.T) {
	files, err := filepath.Glob("../../../adapters/*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, name := range names(t) {
		source, err := os.ReadFile(filepath.Join("..", "..", name, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		known[code(strings.ReplaceAll(string(source), "\r\n", "\n"))] = name
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	hasGin := false
	for _, file := range append(files, "../../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		for _, m := range regexp.MustCompile("(?ms)^```go\n(package main\n.*?)^```$").FindAllSubmatch(text, -1) {
			name := known[string(m[1])]
			if name == "" {
				t.Errorf("%s has a program that is not in examples:\n%s", file, m[1])
			}
			hasGin = hasGin || name == "gin" && file == "../../../README.md"
		}
		for _, m := range regexp.MustCompile("go get [^`\n]*").FindAllString(string(text), -1) {
			for _, word := range strings.Fields(m) {
				path, version, pinned := strings.Cut(word, "@")
				if pinned && version != "latest" && !strings.Contains(string(mod), "\t"+path+" "+version+"\n") {
					t.Errorf("%s: %s is not in examples/go.mod", file, word)
				}
			}
		}
	}
	if !hasGin {
		t.Error("README.md does not have the program of examples/gin")
	}
}
