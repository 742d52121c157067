// Package rawhttp is an HTTP/1.1 client for tests. It sends requests byte for byte and returns
// responses exactly as they arrive, so tests can check details that the client of net/http hides.
// Examples are the order of header lines, extra bytes after a response, and a body in a response
// that must not have one.
package rawhttp

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

// maxResponse is the maximum size of a response, in bytes. No expected response is nearly as large.
const maxResponse = 16 << 10

// Conn is a client's connection to a server. Create one with [Dial].
type Conn struct {
	net.Conn
	r *bufio.Reader
}

// Dial connects to the TCP address addr, such as "127.0.0.1:8080". It fails if that takes longer
// than patience. Reads and writes on the connection fail once it is older than patience; see
// [IsTimeout].
func Dial(addr string, patience time.Duration) (*Conn, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		c.Close()
		return nil, err
	}
	return &Conn{c, bufio.NewReaderSize(c, maxResponse)}, nil
}

// Send writes s to the connection unchanged.
func (c *Conn) Send(s string) error {
	_, err := io.WriteString(c, s)
	return err
}

// Exchange sends the given request and reads the response. If the request contains the header line
// "Connection: close", Exchange also checks that the server closes the connection after the
// response. Use [Request] to create a request.
func (c *Conn) Exchange(request string) (*Response, error) {
	// A server may refuse a request before it has read all of it. So an error while sending matters
	// only if there is no response.
	sendErr := c.Send(request)
	resp, err := c.ReadResponse(strings.HasPrefix(request, "HEAD "))
	if err != nil {
		return nil, errors.Join(err, sendErr)
	}
	if strings.Contains(request, "\r\nConnection: close\r\n") {
		if err := c.End(); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// End checks that the server closes the connection. It returns an error if the server sends any
// more bytes, or if it keeps the connection open.
func (c *Conn) End() error {
	stray := make([]byte, 64)
	n, err := io.ReadFull(c.r, stray)
	if n > 0 {
		return fmt.Errorf("after the response came %q", stray[:n])
	}
	if IsTimeout(err) {
		return fmt.Errorf("the connection was not closed after the response (%w)", err)
	}
	return nil
}

// IsTimeout reports whether err means that the time limit of a connection has passed.
func IsTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// Response is a response as the server sent it.
type Response struct {
	Status int      // the status code, such as 204
	Lines  []string // the header lines as "Name: value", in the order in which they were sent
	Body   []byte   // the body, without any chunked encoding
	Raw    []byte   // the status line, the header lines and the body, without any chunked encoding
}

// ReadResponse reads the next response. It skips informational responses (1xx), except 101
// (Switching Protocols). If the request method was HEAD, set toHEAD, because such a response has no
// body.
func (c *Conn) ReadResponse(toHEAD bool) (*Response, error) {
	resp := &Response{}
	for {
		if err := c.ReadHead(resp); err != nil {
			return nil, err
		}
		if resp.Status >= 200 || resp.Status == 101 {
			break
		}
		*resp = Response{}
	}
	if err := c.ReadBody(resp, toHEAD); err != nil {
		return nil, err
	}
	resp.Raw = append(resp.Raw, resp.Body...)
	return resp, nil
}

// ReadHead reads the status line and the header of the next response into resp, which must be
// empty. Unlike [Conn.ReadResponse], ReadHead does not skip informational responses (1xx).
func (c *Conn) ReadHead(resp *Response) error {
	status, err := c.line()
	if err != nil {
		return fmt.Errorf("no response: %w", err)
	}
	version, rest, _ := strings.Cut(status, " ")
	code, _, _ := strings.Cut(rest, " ")
	if resp.Status, err = strconv.Atoi(
		code,
	); err != nil || len(code) != 3 || version != "HTTP/1.1" && version != "HTTP/1.0" {
		return fmt.Errorf("%q is not a status line of HTTP/1.1", status)
	}
	resp.Raw = append(resp.Raw, status...)
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
			return fmt.Errorf("%q is not a header line", line)
		}
		resp.Raw = append(append(resp.Raw, line...), '\n')
		if len(resp.Raw) > maxResponse {
			return fmt.Errorf("the header has more than %d bytes", maxResponse)
		}
		resp.Lines = append(resp.Lines, name+": "+strings.Trim(value, " \t"))
	}
}

// line reads a line that ends with CRLF, and returns it without the CRLF.
func (c *Conn) line() (string, error) {
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

// ReadRest reads until the server closes the connection, and returns what it has read. Use it after
// a response with status 101 (Switching Protocols).
func (c *Conn) ReadRest() ([]byte, error) { return io.ReadAll(io.LimitReader(c.r, maxResponse)) }

// ReadBody reads the body of a response into resp.Body. Use it after [Conn.ReadHead] has read the
// header into resp. If the request method was HEAD, set toHEAD, because such a response has no
// body.
func (c *Conn) ReadBody(resp *Response, toHEAD bool) (err error) {
	if toHEAD || resp.Status < 200 || resp.Status == 204 || resp.Status == 304 {
		return nil
	}
	if coding := resp.Values("Transfer-Encoding"); len(coding) > 0 {
		if len(coding) > 1 || !strings.EqualFold(coding[0], "chunked") {
			return fmt.Errorf("unknown transfer coding %q", coding)
		}
		resp.Body, err = c.chunks()
		return err
	}
	length := resp.Values("Content-Length")
	if len(length) == 0 {
		resp.Body, err = io.ReadAll(io.LimitReader(c.r, maxResponse))
		return err
	}
	n, err := strconv.Atoi(length[0])
	if err != nil || len(length) > 1 || n < 0 || n > maxResponse {
		return fmt.Errorf("the content length is %q", length)
	}
	resp.Body = make([]byte, n)
	_, err = io.ReadFull(c.r, resp.Body)
	return err
}

func (c *Conn) chunks() ([]byte, error) {
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
			return nil, fmt.Errorf("after a chunk came %q (%w)", end, err)
		}
		if n == 0 {
			return body.Bytes(), nil
		}
	}
}

// Values returns the values of all header lines with the given name, in order. The name is
// case-insensitive.
func (r *Response) Values(name string) (values []string) {
	for _, line := range r.Lines {
		if n, v, _ := strings.Cut(line, ": "); strings.EqualFold(n, name) {
			values = append(values, v)
		}
	}
	return values
}

// VaryTokens returns the elements of all Vary lines, in order. For example, if the response has the
// lines "Vary: Origin, Accept" and "Vary: Cookie", it returns Origin, Accept and Cookie.
func (r *Response) VaryTokens() (tokens []string) {
	for _, value := range r.Values("Vary") {
		for token := range strings.SplitSeq(value, ",") {
			if token = strings.Trim(token, " \t"); token != "" {
				tokens = append(tokens, token)
			}
		}
	}
	return tokens
}

// CORSLines returns the header lines that CORS middleware may write, in order: Vary,
// Polycors-Reason, and all lines whose names begin with "Access-Control-".
func (r *Response) CORSLines() (lines []string) {
	for _, line := range r.Lines {
		name, _, _ := strings.Cut(strings.ToLower(line), ":")
		if strings.HasPrefix(name, "access-control-") || name == "polycors-reason" || name == "vary" {
			lines = append(lines, line)
		}
	}
	return lines
}

// Request returns the text of an HTTP/1.1 request without a body. Each element of lines is a header
// line, such as "Origin: https://example.com". Request adds a Host line, and the line "Connection:
// close", which asks the server to close the connection after its response.
func Request(method, target string, lines ...string) string {
	return Open(method, target, append(lines, "Connection: close")...)
}

// Open is like [Request], but does not add "Connection: close", so that more requests can be sent
// on the same connection.
func Open(method, target string, lines ...string) string {
	var b strings.Builder
	b.WriteString(method + " " + target + " HTTP/1.1\r\nHost: api.example.net\r\n")
	for _, line := range lines {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.String()
}
