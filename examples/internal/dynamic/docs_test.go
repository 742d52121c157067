package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"

	// The programs in the guides import this. If the package changes, a cached result of this test is
	// not used.
	_ "github.com/polycors/cors/adapters/corshttp"
)

// guide returns the text of a guide.
func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "guides", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
}

var fenced = regexp.MustCompile("(?ms)^```go\n(package main\n.*?)^```$")

// programs returns the programs in a guide, and for each of them the text after it, up to the next
// program.
func programs(t *testing.T, name string, want int) (blocks, after []string) {
	t.Helper()
	text := guide(t, name)
	matches := fenced.FindAllStringSubmatchIndex(text, -1)
	if len(matches) != want {
		t.Fatalf("%s has %d programs, want %d", name, len(matches), want)
	}
	for i, b := range matches {
		end := len(text)
		if i+1 < len(matches) {
			end = matches[i+1][0]
		}
		blocks = append(blocks, text[b[2]:b[3]])
		after = append(after, text[b[1]:end])
	}
	return blocks, after
}

// goTool runs go with a program as its last argument. The program is part of this module.
func goTool(t *testing.T, program string, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "go", append(args, file)...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s\n%s", strings.Join(args, " "), err, output, program)
	}
}

// TestDynamicGuide checks that the programs in dynamic-origins.md compile.
func TestDynamicGuide(t *testing.T) {
	blocks, _ := programs(t, "dynamic-origins.md", 2)
	for _, program := range blocks {
		goTool(t, program, "vet")
	}
}

// openGuide returns a database with the tables that dynamic-origins.md shows.
func openGuide(t *testing.T) (db *sql.DB, file string) {
	t.Helper()
	schemas := regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(guide(t, "dynamic-origins.md"), -1)
	if len(schemas) != 2 {
		t.Fatalf("dynamic-origins.md has %d schemas, want 2", len(schemas))
	}
	file = filepath.ToSlash(filepath.Join(t.TempDir(), "origins.db"))
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, schema := range schemas {
		if _, err := db.ExecContext(t.Context(), schema[1]); err != nil {
			t.Fatal(err)
		}
	}
	return db, file
}

// replaced replaces a text that a program has once.
func replaced(t *testing.T, program, old, new string) string {
	t.Helper()
	if n := strings.Count(program, old); n != 1 {
		t.Fatalf("the program has %s %d times, want once", old, n)
	}
	return strings.Replace(program, old, new, 1)
}

// TestDynamicGuideBadRow checks that a bad row in the table of the first program does not prevent
// the removal of another origin.
func TestDynamicGuideBadRow(t *testing.T) {
	db, file := openGuide(t)
	change := func(statement, origin string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, origin); err != nil {
			t.Fatal(err)
		}
	}
	const insert = "INSERT INTO origins (tenant, origin) VALUES ('acme', ?)"
	change(insert, acme)
	change(insert, "http://bad.example/") // both http and a path
	blocks, _ := programs(t, "dynamic-origins.md", 2)
	program := replaced(t, blocks[0], "file:origins.db?mode=rw", "file:"+file+"?mode=rw")
	program = replaced(t, program, "time.Tick(5 * time.Second)", "time.Tick(50 * time.Millisecond)")
	s := started(t, program)
	allows := func(origin string) bool {
		return s.do("GET", "/items", "", "Origin: "+origin).cors["Access-Control-Allow-Origin"] == origin
	}
	if !allows(acme) {
		t.Fatalf("%s is not allowed", acme)
	}
	const added = "https://new.example"
	change(insert, added)
	within(t, "the new origin is allowed", func() bool { return allows(added) })
	change("DELETE FROM origins WHERE origin = ?", acme)
	within(t, "the removed origin is refused", func() bool { return !allows(acme) })
	if !allows(added) {
		t.Errorf("%s is not allowed any more", added)
	}
}

// TestDynamicGuideAdd runs the function that adds an origin of a tenant.
func TestDynamicGuideAdd(t *testing.T) {
	block := regexp.MustCompile("(?ms)^```go\n(// add stores .*?)^```$").FindStringSubmatch(guide(t, "dynamic-origins.md"))
	if block == nil {
		t.Fatal("dynamic-origins.md does not show add")
	}
	db, file := openGuide(t)
	accepted := []string{
		"https://app.acme.example", "https://app.acme.example:8443", "https://xn--mnchen-3ya.example",
		"https://app.acme.example", // again
	}
	refused := []string{
		"http://app.acme.example", "https://localhost", "https://localhost:3000", "https://app.localhost",
		"https://APP.LOCALHOST", "http://localhost", "http://127.0.0.1", "https://127.0.0.1", "https://127.1",
		"https://[::1]", "https://10.0.0.7:8443",
		"https://*.acme.example", "https://app.acme.example:*", "capacitor://localhost", "chrome-extension://abc",
		"app://acme.example", "qrc://", "null", "file://", "*", "https://app.acme.example/", "https://intranet", "",
	}
	program := "package main\n\nimport (\n\"context\"\n\"database/sql\"\n\"errors\"\n\"fmt\"\n\"net/netip\"\n\"os\"\n" +
		"\"strings\"\n\n\"github.com/polycors/cors/core\"\n_ \"modernc.org/sqlite\"\n)\n\n" + block[1] + `
func main() {
	db, err := sql.Open("sqlite", "file:' + file + '")
	if err != nil {
		panic(err)
	}
	refreshed := 0
	refresh := func(context.Context) error { refreshed++; return nil }
	for _, origin := range os.Args[1:] {
		if err := add(context.Background(), db, refresh, "acme", origin); err == nil {
			fmt.Println(origin)
		}
	}
	fmt.Println(refreshed)
}
`
	program = replaced(t, program, "' + file + '", file)
	binary := filepath.Join(t.TempDir(), "add.exe")
	goTool(t, program, "build", "-o", binary)
	output, err := exec.CommandContext(t.Context(), binary, slices.Concat(accepted, refused)...).CombinedOutput()
	if want := strings.Join(accepted, "\n") + "\n4\n"; err != nil || string(output) != want {
		t.Errorf("accepted and the number of refreshes: got\n%s(%v)\nwant\n%s", output, err, want)
	}
	var rows int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM origins").Scan(&rows); err != nil || rows != 3 {
		t.Errorf("got %d rows (%v), want 3", rows, err)
	}
}

// row matches a row of a table in paths.md: a request, its origin, and the response.
var row = regexp.MustCompile(
	"(?m)^\\| `([A-Z]+) (\\S+)`(, preflight)? \\| `(\\S+)` \\| (\\d+) \\| (?:`(.+)` )?\\| (?:`(.+)` )?\\|$")

// TestPathsGuide checks that the programs in paths.md compile, and that their responses are those
// in the tables after them.
func TestPathsGuide(t *testing.T) {
	blocks, after := programs(t, "paths.md", 3)
	for i, program := range blocks {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			goTool(t, program, "vet")
			s := started(t, program)
			table, _, _ := strings.Cut(after[i], "\n## ")
			rows := row.FindAllStringSubmatch(table, -1)
			if lines := strings.Count(table, "\n| `"); len(rows) < 4 || len(rows) != lines {
				t.Fatalf("the table has %d rows, of which %d can be read", lines, len(rows))
			}
			for _, m := range rows {
				method, header := m[1], []string{"Origin: " + m[4]}
				if m[3] != "" {
					method, header = "OPTIONS", append(header, "Access-Control-Request-Method: "+m[1])
				}
				a := s.do(method, m[2], "", header...)
				got := []string{strconv.Itoa(a.status), a.cors["Access-Control-Allow-Origin"], a.cors["Vary"]}
				if !slices.Equal(got, m[5:8]) {
					t.Errorf("%s\ngot %q", m[0], got)
				}
			}
		})
	}
}

// started builds a program of a guide and starts it on a free port.
func started(t *testing.T, program string) server {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	const shown = "127.0.0.1:8080"
	if n := strings.Count(program, shown); n != 1 {
		t.Fatalf("the program has %s %d times, want once", shown, n)
	}
	binary := filepath.Join(t.TempDir(), "program")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	goTool(t, strings.Replace(program, shown, addr, 1), "build", "-o", binary)
	ctx, stop := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, binary)
	if err := command.Start(); err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		http.DefaultClient.CloseIdleConnections()
		command.Wait() // it was killed, so there is an error
	})
	s := server{t, "http://" + addr}
	within(t, "the program listens", func() bool {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return s
}

// TestPathsGuideTables checks the tables of paths.md that say which route a path matches, and the
// output of Explain that it shows.
func TestPathsGuideTables(t *testing.T) {
	text := guide(t, "paths.md")
	named := func(cell string) (paths []string) {
		for _, m := range regexp.MustCompile("`(/[^`]*)`").FindAllStringSubmatch(cell, -1) {
			paths = append(paths, m[1])
		}
		return paths
	}
	decide := func(p *core.Policy, target string) core.Decision {
		r, err := http.NewRequest("GET", "http://api.example.net"+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p.Decide(t.Context(), core.Request{
			Method: "GET", Path: r.URL.Path, RawPath: r.URL.RawPath,
			Header: core.HeaderMap{"Origin": {acme}},
		})
	}

	patterns := regexp.MustCompile("(?m)^\\| `(/[^`]*)` \\| ([^|]*) \\| ([^|]*)\\|$").FindAllStringSubmatch(text, -1)
	if len(patterns) != 5 {
		t.Errorf("found %d patterns, want 5", len(patterns))
	}
	for _, m := range patterns {
		p, err := core.New(core.Config{Routes: []core.Route{{Path: m[1], Config: core.Config{AllowOrigins: []string{"*"}}}}})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []core.Reason{core.ReasonAllowed, core.ReasonNoPolicy} {
			for _, path := range named(m[2+i]) {
				if got := decide(p, path).Reason; got != want {
					t.Errorf("%s: %s: got %v, want %v", m[1], path, got, want)
				}
			}
		}
	}

	p, err := core.New(core.Config{
		AllowOrigins: []string{"https://app.example.com"},
		Routes:       []core.Route{{Path: "/public/", Config: core.Config{AllowOrigins: []string{"*"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(text, "| path | with a route `/public/` |")
	outcomes := map[string]core.Reason{
		"its policy applies":    core.ReasonAllowed,
		"the top level applies": core.ReasonOriginNotAllowed,
		"ambiguous":             core.ReasonPathAmbiguous,
	}
	var seen int
	row := regexp.MustCompile(`(?m)^\| (.*) \| .*(its policy applies|the top level applies|ambiguous).* \|$`)
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		for _, path := range named(m[1]) {
			seen++
			if got, want := decide(p, path).Reason, outcomes[m[2]]; got != want {
				t.Errorf("%s: got %v, want %v", path, got, want)
			}
		}
	}
	if seen != 15 {
		t.Errorf("found %d paths, want 15", seen)
	}

	explained := fmt.Sprint(p.Explain(t.Context(), core.Request{
		Method: "GET", Path: "/public/../items", RawPath: "/public/..%2fitems",
		Header: core.HeaderMap{"Origin": {"https://app.example.com"}},
	}))
	lines := strings.SplitAfter(explained, "\n")
	if want := strings.Join(lines[:min(4, len(lines))], ""); !strings.Contains(text, "```text\n"+want+"```\n") {
		t.Errorf("paths.md does not show\n%s", want)
	}
}
