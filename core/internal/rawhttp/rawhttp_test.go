package rawhttp

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// respond returns the address of a server that reads a request and sends text unchanged.
func respond(t *testing.T, text string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.Read(make([]byte, 1024))
		c.Write([]byte(text))
	}()
	return listener.Addr().String()
}

func TestExchange(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, tt := range []struct {
		name, method, response string
		want                   string // the body, or part of the error
		lines                  []string
	}{
		{"length", "GET", ok + "Content-Length: 2\r\nvary:a\r\n\r\nok", "ok", []string{"Content-Length: 2", "vary: a"}},
		{
			"chunks", "GET", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "ok",
			[]string{"Transfer-Encoding: chunked"},
		},
		{"up to the end", "GET", ok + "\r\nok", "ok", nil},
		{"HEAD", "HEAD", ok + "Content-Length: 2\r\n\r\n", "", []string{"Content-Length: 2"}},
		{
			"informational first", "GET", "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n",
			"", []string{"Content-Length: 0"},
		},
		{"no status line", "GET", "hello\r\n", "is not a status line", nil},
		{"bare LF", "GET", ok + "Vary: a\n\r\n", "does not end in CRLF", nil},
		{"no colon", "GET", ok + "Vary\r\n\r\n", "is not a header line", nil},
		{"ends early", "GET", ok + "Vary: a\r\n", "the header ends early", nil},
		{"bytes after the body", "GET", ok + "Content-Length: 2\r\n\r\nokX", "after the response came", nil},
		{"body after 204", "GET", "HTTP/1.1 204 No Content\r\n\r\nhello", "after the response came", nil},
		{"two lengths", "GET", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", "the content length is", nil},
		{"unknown coding", "GET", ok + "Transfer-Encoding: gzip\r\n\r\n", "unknown transfer coding", nil},
		{
			"endless header", "GET", ok + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 20),
			"more than 16384 bytes", nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Dial(respond(t, tt.response), 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			got, err := c.Exchange(Request(tt.method, "/"))
			switch {
			case err != nil && (tt.want == "" || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got error %v, want %q", err, tt.want)
			case err == nil && (string(got.Body) != tt.want || !slices.Equal(got.Lines, tt.lines)):
				t.Errorf("got body %q and %q, want %q and %q", got.Body, got.Lines, tt.want, tt.lines)
			}
		})
	}
}
