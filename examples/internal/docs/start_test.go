package docs

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"go/format"
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
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	// The programs in README.md and docs/start import these. If the packages change, cached results of
	// these tests are not used.
	_ "github.com/polycors/cors/adapters/corschi"
	_ "github.com/polycors/cors/adapters/corsecho"
	_ "github.com/polycors/cors/adapters/corsecho5"
	_ "github.com/polycors/cors/adapters/corsfasthttp"
	_ "github.com/polycors/cors/adapters/corsfiber"
	_ "github.com/polycors/cors/adapters/corsfiber3"
	_ "github.com/polycors/cors/adapters/corsgin"
)

// folders has the folder in examples for each adapter.
var folders = map[string]string{
	"corschi":      "chi",
	"corsecho":     "echo",
	"corsecho5":    "echo5",
	"corsfasthttp": "fasthttp",
	"corsfiber":    "fiber",
	"corsfiber3":   "fiber3",
	"corsgin":      "gin",
	"corshttp":     "nethttp",
}

// adapterOf returns the name of the adapter if a block is a program that imports one, and ""
// otherwise.
func adapterOf(b block) string {
	m := regexp.MustCompile(`\t"github\.com/polycors/cors/adapters/([a-z0-9]+)"\n`).FindStringSubmatch(b.text)
	if b.language != "go" || !strings.HasPrefix(b.text, "package main\n") || m == nil {
		return ""
	}
	return m[1]
}

// startPages returns the files that show programs to start with.
func startPages(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md"}
	for _, file := range files(t) {
		if strings.HasPrefix(file, "docs/start/") {
			pages = append(pages, file)
		}
	}
	return pages
}

// TestProgramsAreExamples checks that the programs in README.md and docs/start are those in
// examples, except for comments and empty lines.
func TestProgramsAreExamples(t *testing.T) {
	shown := map[string]bool{}
	for _, page := range startPages(t) {
		for _, b := range blocks(t, page) {
			adapter := adapterOf(b)
			if adapter == "" {
				continue
			}
			shown[adapter] = true
			name := "examples/" + folders[adapter] + "/main.go"
			if got, want := withoutComments(t, b.text), withoutComments(t, read(t, name)); got != want {
				t.Errorf("%s: the program is\n%s\n%s is\n%s", b, got, name, want)
			}
		}
	}
	for adapter := range folders {
		if !shown[adapter] {
			t.Errorf("no page shows a program for %s", adapter)
		}
	}
}

// withoutComments returns a program without comments and empty lines.
func withoutComments(t *testing.T, program string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", program, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := format.Node(&text, fset, file); err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`\n\s*\n+`).ReplaceAllString(text.String(), "\n")
}

// TestVersions checks that README.md, docs/start and the adapters name the versions of frameworks
// that the examples are built with.
func TestVersions(t *testing.T) {
	mod := read(t, "examples/go.mod")
	required := regexp.MustCompile(`([a-z0-9.-]+/[a-z0-9./-]+)@(v[0-9.]+)`)
	found := 0
	for _, file := range files(t) {
		if file != "README.md" && !strings.HasPrefix(file, "docs/start/") && !strings.HasPrefix(file, "adapters/") {
			continue
		}
		for _, m := range required.FindAllStringSubmatch(read(t, file), -1) {
			found++
			if !strings.Contains(mod, m[1]+" "+m[2]+"\n") {
				t.Errorf("%s: %s is not the version in examples/go.mod", file, m[0])
			}
		}
	}
	if found < 20 {
		t.Errorf("%d versions were found, which are too few to be all", found)
	}
}

// exchange is a curl command and its output, without the white space around it.
type exchange struct{ command, output string }

// address is where the programs listen.
const address = "127.0.0.1:8080"

// TestConsole checks every block that shows a curl command and its output. The commands are sent to
// the program above the block. The output is shown without the Date line.
func TestConsole(t *testing.T) {
	if testing.Short() {
		t.Skip("this builds a program for each framework")
	}
	_, err := exec.LookPath("curl")
	hasCurl := err == nil
	commands := 0
	for _, file := range files(t) {
		var program block
		for _, b := range blocks(t, file) {
			if adapterOf(b) != "" {
				program = b
			}
			if b.language != "console" {
				continue
			}
			if program.text == "" {
				t.Errorf("%s: there is no program above this block that could respond to its commands", b)
				continue
			}
			listens := start(t, program)
			for _, part := range regexp.MustCompile(`(?m)^\$ `).Split(b.text, -1)[1:] {
				commands++
				command, output, _ := strings.Cut(part, "\n")
				shown := exchange{command, strings.TrimSpace(output)}
				args := arguments(strings.ReplaceAll(command, address, listens))
				if got := withoutDate(t, send(t, args)); got != shown.output {
					t.Errorf("%s: %s\ngot\n%s\nwant, as shown\n%s", b, command, got, shown.output)
				}
				if !hasCurl {
					continue
				}
				response, err := exec.CommandContext(t.Context(), args[0], args[1:]...).Output()
				if err != nil {
					t.Fatalf("%s: %v", command, err)
				}
				if got := withoutDate(t, string(response)); got != shown.output {
					t.Errorf("%s: curl itself: %s\ngot\n%s\nwant, as shown\n%s", b, command, got, shown.output)
				}
			}
		}
	}
	if commands < 10 {
		t.Errorf("%d commands were found, which are too few to be all", commands)
	}
}

// started has the addresses of the programs that run. The same program may be on several pages.
var started = map[string]string{}

// start builds a program as part of this module, runs it until the test ends, and returns the
// address on which it listens.
func start(t *testing.T, b block) string {
	t.Helper()
	if listens := started[b.text]; listens != "" {
		return listens
	}
	if strings.Count(b.text, address) != 1 {
		t.Fatalf("%s: the program does not listen on %s", b, address)
	}
	listens := freeAddress(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "main.go")
	if err := os.WriteFile(file, []byte(strings.Replace(b.text, address, listens, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(folder, "program.exe")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, file).CombinedOutput(); err != nil {
		t.Fatalf("%s: go build: %v\n%s", b, err, output)
	}
	serve(t, binary, listens)
	started[b.text] = listens
	t.Cleanup(func() { delete(started, b.text) })
	return listens
}

// freeAddress returns a loopback address on which nothing listens. The program listens there a
// little later, so the port is outside the range from which systems choose ports for connections.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(10000)))
		if err == nil {
			listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("no port is free")
	return ""
}

// serve runs a program until the test ends, and waits until it listens at the address.
func serve(t *testing.T, binary, listens string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	program := exec.CommandContext(ctx, binary)
	var output bytes.Buffer
	program.Stdout, program.Stderr = &output, &output
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = program.Wait() // which says that it was killed
		if t.Failed() {
			t.Logf("the program on %s printed\n%s", listens, output.Bytes())
		}
	})
	for range 600 {
		conn, err := net.Dial("tcp", listens)
		if err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("the program does not listen on %s", listens)
}

// arguments splits a command as a shell does. It supports what the commands in the guides need.
func arguments(command string) []string {
	var args []string
	for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1) {
		args = append(args, strings.Trim(word, `"`))
	}
	return args
}

// send sends the request of a curl command and returns the bytes of the response.
func send(t *testing.T, args []string) string {
	t.Helper()
	if args[0] != "curl" {
		t.Fatalf("this test does not know the command %q", args[0])
	}
	method, target, lines := "GET", "", ""
	for i := 1; i < len(args); i++ {
		switch {
		case args[i] == "-si":
		case args[i] == "-X" && i+1 < len(args):
			i++
			method = args[i]
		case args[i] == "-H" && i+1 < len(args):
			i++
			lines += args[i] + "\r\n"
		case target == "" && strings.HasPrefix(args[i], "http://"):
			target = args[i]
		default:
			t.Fatalf("this test does not know what curl does with %q", args[i])
		}
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n%s\r\n",
		method, u.RequestURI(), u.Host, lines)

	// The connection stays open, so net/http has to find the end of the response. raw gets the bytes
	// that it reads.
	var raw bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReaderSize(io.TeeReader(conn, &raw), 16), &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return raw.String()
}

// withoutDate removes the Date line, which must be there. It is the only part of a response that
// changes.
func withoutDate(t *testing.T, response string) string {
	t.Helper()
	response = strings.ReplaceAll(response, "\r\n", "\n")
	date := regexp.MustCompile(`(?m)^Date: .* GMT\n`)
	if n := len(date.FindAllString(response, -1)); n != 1 {
		t.Errorf("the response has %d Date lines, want 1:\n%s", n, response)
	}
	return strings.TrimSpace(date.ReplaceAllString(response, ""))
}

// TestClone runs the commands that README.md gives for using a clone before the first release. They
// run in an empty folder that has this repository beside it, in place of a clone.
func TestClone(t *testing.T) {
	if testing.Short() {
		t.Skip("this asks the module proxy")
	}
	var script, program string
	for _, b := range blocks(t, "README.md") {
		switch {
		case b.language == "sh" && strings.Contains(b.text, "go mod edit -replace="):
			script = b.text
		case adapterOf(b) != "":
			program = b.text
		}
	}
	repository, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	if err := os.Symlink(repository, filepath.Join(temp, "cors")); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip(err)
		}
		t.Fatal(err)
	}
	folder, listens, ran := temp, freeAddress(t), 0
	binary := filepath.Join(temp, "shop.exe")
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		switch {
		case line == "git clone https://github.com/polycors/cors":
			continue
		case line == "mkdir shop && cd shop":
			folder = filepath.Join(temp, "shop")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		case line == "# save the program above as main.go":
			main := strings.Replace(program, address, listens, 1)
			if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(main), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		case line == "go run .":
			line = "go build -o " + binary + " ." // go run builds the program as well
		case !strings.HasPrefix(line, "go mod "):
			t.Fatalf("this test does not know the command %q", line)
		}
		ran++
		command := exec.CommandContext(t.Context(), "go", strings.Fields(line)[1:]...)
		command.Dir = folder
		if output, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, output)
		}
	}
	if ran < 5 {
		t.Fatalf("README.md has %d such commands, want at least 5", ran)
	}
	serve(t, binary, listens)
}

// TestAdapters checks that README.md of each adapter has the same parts, and that it names the
// versions of the framework that docs/support.md names.
func TestAdapters(t *testing.T) {
	support := read(t, "docs/support.md")
	for adapter := range folders {
		t.Run(adapter, func(t *testing.T) {
			row := regexp.MustCompile(`(?m)^\| ` + adapter + ` \| [^|]+ \| ([^|]+) \|`).FindStringSubmatch(support)
			if row == nil {
				t.Fatal("docs/support.md does not list it")
			}
			page := read(t, "adapters/"+adapter+"/README.md")
			for _, want := range []string{
				"# " + adapter + "\n\nCORS middleware for ",
				"```sh\ngo get github.com/polycors/cors/adapters/" + adapter,
				"```go\n",
				adapter + ".New(" + adapter + ".Config{\n",
				"\nTested with ",
				row[1],
				"\nTwo pitfalls:\n\n- **",
				"\nRead on: [first steps](../../docs/start/",
			} {
				if !strings.Contains(page, want) {
					t.Errorf("it does not have %q", want)
				}
			}
			if n := strings.Count(page, "\n- **"); n != 2 {
				t.Errorf("it has %d pitfalls, want 2", n)
			}
		})
	}
}

// TestSpeed checks that the figures in README.md are those in benchmarks/README.md.
func TestSpeed(t *testing.T) {
	report := read(t, "benchmarks/README.md")
	_, shown, _ := strings.Cut(read(t, "README.md"), "\n| framework | compared with |")
	shown, _, _ = strings.Cut(shown, "\n\n")
	rows := regexp.MustCompile(`(?m)^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$`).
		FindAllStringSubmatch(shown, -1)
	if len(rows) != 5 {
		t.Fatalf("README.md has %d rows, want 5", len(rows))
	}
	for _, row := range rows {
		_, table, found := strings.Cut(report, "\n## "+row[1]+"\n")
		if !found { // the report has one version of this framework
			_, table, found = strings.Cut(report, "\n## "+strings.Fields(row[1])[0]+"\n")
		}
		if !found {
			t.Errorf("benchmarks/README.md has no section %q", row[1])
			continue
		}
		table, _, _ = strings.Cut(table, "\n## ")
		var head []string
		want := map[string]string{} // by scenario
		for line := range strings.Lines(table) {
			cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			ours, theirs := slices.Index(head, "polycors"), slices.Index(head, row[2])
			switch {
			case head == nil && slices.Contains(cells, "polycors"):
				head = cells
			case ours >= 0 && theirs >= 0 && len(cells) == len(head) && want[cells[0]] == "":
				want[cells[0]] = cells[ours] + " / " + cells[theirs]
			}
		}
		for i, scenario := range []string{"GET allowed", "preflight allowed", "1,000 origins, miss"} {
			if got := row[3+i]; got != want[scenario] {
				t.Errorf("README.md: %s, %s: got %s, want %s", row[1], scenario, got, want[scenario])
			}
		}
	}
}
