package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/polycors/cors/examples/internal/apitest"
)

// TestTryCommands checks that the commands in docs/try.md are those that the example prints, and
// that the output shown for each is what the server sends.
func TestTryCommands(t *testing.T) {
	server := apitest.Start(t, run)
	shown := exchanges(t)

	var printed []string
	for line := range strings.Lines(server.Printed) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "curl ") {
			printed = append(printed, strings.ReplaceAll(line, server.URL, "http://127.0.0.1:8080"))
		}
	}
	if len(printed) != 3 || len(shown) != 3 {
		t.Fatalf("the example prints %d commands and docs/try.md shows %d, want 3", len(printed), len(shown))
	}

	_, err := exec.LookPath("curl")
	hasCurl := err == nil
	for i, exchange := range shown {
		if exchange.command != printed[i] {
			t.Errorf("docs/try.md shows\n%s\nthe example prints\n%s", exchange.command, printed[i])
		}
		args := arguments(t, strings.ReplaceAll(exchange.command, "http://127.0.0.1:8080", server.URL))
		if got := withoutDate(t, send(t, args)); got != exchange.output {
			t.Errorf("%s\ngot\n%s\ndocs/try.md shows\n%s", exchange.command, got, exchange.output)
		}
		if !hasCurl {
			continue
		}
		output, err := exec.CommandContext(t.Context(), "curl", args[1:]...).Output()
		if err != nil {
			t.Fatalf("%s: %v", exchange.command, err)
		}
		if got := withoutDate(t, string(output)); got != exchange.output {
			t.Errorf("curl itself: %s\ngot\n%s\ndocs/try.md shows\n%s", exchange.command, got, exchange.output)
		}
	}
}

var fenced = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// blocks returns the fenced blocks in the language. name is the path of a file in the repository.
func blocks(t *testing.T, name, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range fenced.FindAllSubmatch(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), -1) {
		if string(m[1]) == language {
			found = append(found, string(m[2]))
		}
	}
	return found
}

// exchange is a command in docs/try.md and its output, without the white space around it.
type exchange struct{ command, output string }

func exchanges(t *testing.T) []exchange {
	t.Helper()
	var found []exchange
	for _, block := range blocks(t, "docs/try.md", "console") {
		for _, part := range regexp.MustCompile(`(?m)^\$ `).Split(block, -1)[1:] {
			command, output, _ := strings.Cut(part, "\n")
			found = append(found, exchange{command, strings.TrimSpace(output)})
		}
	}
	return found
}

// arguments splits a command as a shell does. It supports what the commands in docs/try.md need.
func arguments(t *testing.T, command string) []string {
	t.Helper()
	var args []string
	for _, word := range regexp.MustCompile(`"[^"]*"|\S+`).FindAllString(command, -1) {
		args = append(args, strings.Trim(word, `"`))
	}
	return args
}

// send sends the request of a curl command and returns the bytes of the response.
func send(t *testing.T, args []string) string {
	t.Helper()
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
