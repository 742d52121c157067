package csrf

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRefusedBodyIsNoRequest checks that the body of a refused request does not become a request.
// With StreamRequestBody, fasthttp takes the unread rest of a body for the next request, and a page
// of any site can send a body that looks like one.
func TestRefusedBodyIsNoRequest(t *testing.T) {
	const hidden = "POST /items HTTP/1.1\r\nHost: api.example.com\r\nSec-Fetch-Site: same-origin\r\nX-Id: 666\r\n\r\n"
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			addr := serve(t, protection(t))
			// fasthttp reads the first bytes of a body in advance. With each shift another byte of
			// the hidden request comes after them.
			for shift := range len(hidden) {
				body := strings.Repeat("x", shift) + strings.Repeat(hidden, 200)
				conn, err := net.DialTimeout("tcp", addr, 10*time.Second)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				conn.SetDeadline(time.Now().Add(10 * time.Second))
				go fmt.Fprintf(conn, "POST /items HTTP/1.1\r\nHost: api.example.com\r\n"+
					"Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n"+
					"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"+
					"GET /last HTTP/1.1\r\nHost: api.example.com\r\nX-Id: 2\r\nConnection: close\r\n\r\n",
					len(body), body)
				read := bufio.NewReader(conn)
				for first := true; ; first = false {
					response, err := http.ReadResponse(read, nil)
					if err != nil {
						break // the server has closed the connection
					}
					response.Body.Close()
					if first && response.StatusCode != http.StatusForbidden {
						t.Fatalf("got status %d for the first request, want 403", response.StatusCode)
					}
					if got := response.Header.Get(handled); got == "666" {
						t.Fatalf("the handler ran for a request within the body of a refused one, which begins with %d bytes", shift)
					}
				}
			}
		})
	}
}
