package corstest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// patience is for one exchange. An answer takes a millisecond, unless the machine is busy.
var patience = 20 * time.Second

// maxResponse bounds the bytes of one response. No expected answer comes close.
const maxResponse = 16 << 10

// conn is a client that sends bytes as they are and reads what comes back without repairing it.
type conn struct {
	net.Conn
	r *bufio.Reader
}

func dial(addr string) (*conn, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		c.Close()
		return nil, err
	}
	return &conn{c, bufio.NewReaderSize(c, maxResponse)}, nil
}

func (c *conn) send(s string) error {
	_, err := io.WriteString(c, s)
	return err
}

// exchange sends the request and reads its response. If the request says so, the connection must end behind it.
func (c *conn) exchange(request string) (*response, error) {
	// A server that refuses early need not read all. What it says counts.
	sendErr := c.send(request)
	resp, err := c.read(strings.HasPrefix(request, "HEAD "))
	if err != nil {
		return nil, errors.Join(err, sendErr)
	}
	if strings.Contains(request, "\r\nConnection: close\r\n") {
		if err := c.end(); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// end reports what comes behind the last response.
func (c *conn) end() error {
	stray := make([]byte, 64)
	n, err := io.ReadFull(c.r, stray)
	if n > 0 {
		return fmt.Errorf("behind the response came %q", stray[:n])
	}
	if isTimeout(err) {
		return fmt.Errorf("the connection was not closed behind the response (%w)", err)
	}
	return nil
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// response is what came back, down to the bytes.
type response struct {
	status    int
	lines     []string // "Name: value", in the order on the wire
	body      []byte
	raw       []byte // status line, header and decoded body
	continued bool   // 100 (Continue) came first
}

// read reads the final response. toHEAD says that it has no body.
func (c *conn) read(toHEAD bool) (*response, error) {
	resp := &response{}
	for {
		if err := c.readHead(resp); err != nil {
			return nil, err
		}
		if resp.status != 100 {
			break
		}
		*resp = response{continued: true}
	}
	if err := c.readBody(resp, toHEAD); err != nil {
		return nil, err
	}
	resp.raw = append(resp.raw, resp.body...)
	return resp, nil
}

func (c *conn) readHead(resp *response) error {
	status, err := c.line()
	if err != nil {
		return fmt.Errorf("no response: %w", err)
	}
	version, rest, _ := strings.Cut(status, " ")
	code, _, _ := strings.Cut(rest, " ")
	if resp.status, err = strconv.Atoi(code); err != nil || len(code) != 3 || version != "HTTP/1.1" && version != "HTTP/1.0" {
		return fmt.Errorf("%q is no status line of HTTP/1.1", status)
	}
	resp.raw = append(resp.raw, status...)
	for {
		line, err := c.line()
		if err != nil {
			return fmt.Errorf("the header ends early: %w", err)
		}
		if line == "" {
			return nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || name == "" || strings.ContainsAny(name, " \t\r") || strings.ContainsRune(value, '\r') {
			return fmt.Errorf("%q is no header line", line)
		}
		resp.raw = append(append(resp.raw, line...), '\n')
		if len(resp.raw) > maxResponse {
			return fmt.Errorf("the header has more than %d bytes", maxResponse)
		}
		resp.lines = append(resp.lines, name+": "+strings.Trim(value, " \t"))
	}
}

// line reads up to CRLF.
func (c *conn) line() (string, error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	text, ok := strings.CutSuffix(string(line), "\r\n")
	if !ok {
		return "", fmt.Errorf("%q does not end in CRLF", line)
	}
	return text, nil
}

// readBody reads the body as RFC 9112, section 6.3, delimits it.
func (c *conn) readBody(resp *response, toHEAD bool) (err error) {
	if toHEAD || resp.status < 200 || resp.status == 204 || resp.status == 304 {
		return nil
	}
	if coding := resp.values("Transfer-Encoding"); len(coding) > 0 {
		if len(coding) > 1 || !strings.EqualFold(coding[0], "chunked") {
			return fmt.Errorf("unknown transfer coding %q", coding)
		}
		resp.body, err = c.chunks()
		return err
	}
	length := resp.values("Content-Length")
	if len(length) == 0 {
		resp.body, err = io.ReadAll(io.LimitReader(c.r, maxResponse))
		return err
	}
	n, err := strconv.Atoi(length[0])
	if err != nil || len(length) > 1 || n < 0 || n > maxResponse {
		return fmt.Errorf("the content length is %q", length)
	}
	resp.body = make([]byte, n)
	_, err = io.ReadFull(c.r, resp.body)
	return err
}

func (c *conn) chunks() ([]byte, error) {
	var body bytes.Buffer
	for {
		line, err := c.line()
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseUint(line, 16, 16)
		if err != nil || body.Len()+int(n) > maxResponse {
			return nil, fmt.Errorf("%q is not the size of a chunk that was expected", line)
		}
		if _, err := io.CopyN(&body, c.r, int64(n)); err != nil {
			return nil, err
		}
		end, err := c.line()
		if err != nil || end != "" {
			return nil, fmt.Errorf("behind a chunk came %q (%w)", end, err)
		}
		if n == 0 {
			return body.Bytes(), nil
		}
	}
}

// values returns the values of the lines with that name, in any case.
func (r *response) values(name string) (values []string) {
	for _, line := range r.lines {
		if n, v, _ := strings.Cut(line, ": "); strings.EqualFold(n, name) {
			values = append(values, v)
		}
	}
	return values
}

// varyTokens returns the elements of all Vary lines.
func (r *response) varyTokens() (tokens []string) {
	for _, value := range r.values("Vary") {
		for token := range strings.SplitSeq(value, ",") {
			if token = strings.Trim(token, " \t"); token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	return tokens
}

// corsLines returns the lines that belong to a CORS answer.
func (r *response) corsLines() (lines []string) {
	for _, line := range r.lines {
		name, _, _ := strings.Cut(strings.ToLower(line), ":")
		if strings.HasPrefix(name, "access-control-") || name == "polycors-reason" || name == "vary" {
			lines = append(lines, line)
		}
	}
	return lines
}

// request writes a request, asking for the connection to be closed behind it. Lines are as on the wire, without CRLF.
func request(method, target string, lines ...string) string {
	return open(method, target, append(lines, "Connection: close")...)
}

// open is request for a connection that stays open.
func open(method, target string, lines ...string) string {
	var b strings.Builder
	b.WriteString(method + " " + target + " HTTP/1.1\r\nHost: api.example.net\r\n")
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}

// get is an actual request of a page of that origin.
func get(origin string, more ...string) string {
	return request("GET", "/", append([]string{"Origin: " + origin}, more...)...)
}

// preflight asks for the method, without or with more lines.
func preflight(origin, method string, more ...string) string {
	return request("OPTIONS", "/", append([]string{"Origin: " + origin, "Access-Control-Request-Method: " + method}, more...)...)
}

// asking is a preflight of https://app.example.com for PUT with those request headers.
func asking(headers ...string) string {
	lines := make([]string, len(headers))
	for i, h := range headers {
		lines[i] = "Access-Control-Request-Headers: " + h
	}
	return preflight("https://app.example.com", "PUT", lines...)
}
