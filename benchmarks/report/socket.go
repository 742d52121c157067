package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// served has a value for each round.
type served struct {
	perSecond []float64 // requests
	cpu       []float64 // the server's CPU time per request in ns
}

// kinds lists the scenarios that are measured over sockets.
var kinds = []string{benchmarks.GETAllowed, benchmarks.PreflightAllowed}

const connections = 16

// measureSockets serves each peer in a process of its own: the framework without CORS, ours, and
// the one that most users take. While one is measured, the others wait.
func measureSockets(f benchmarks.Framework, e effort) ([]socket, error) {
	var children []*child
	defer func() {
		for _, c := range children {
			c.stop()
		}
	}()
	ours := 0 // an index into children
	for i, p := range f.Peers {
		if i != benchmarks.Bare && i != benchmarks.Ours && !p.Usual {
			continue
		}
		c, err := start(f.Name, p.Name)
		if err != nil {
			return nil, err
		}
		if i == benchmarks.Ours {
			ours = len(children)
		}
		children = append(children, c)
	}
	var found []socket
	for _, kind := range kinds {
		runs, err := takeTurns(children, wire(kind), e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		for i, c := range children {
			s := socket{
				Framework: f.Name, Request: kind, Peer: c.peer,
				PerSecond: rounded(slices.Max(runs[i].perSecond)), CPU: rounded(slices.Min(runs[i].cpu)),
			}
			if i != ours {
				s.Ours = compareCPU(runs[ours].cpu, runs[i].cpu)
			}
			found = append(found, s)
		}
	}
	return found, nil
}

// takeTurns sends a request to each child in each round. Each round begins with another child.
func takeTurns(children []*child, request []byte, e effort) ([]served, error) {
	runs := make([]served, len(children))
	for round := -1; round < e.socketRounds; round++ {
		for j := range children {
			i := (j + max(round, 0)) % len(children)
			perSecond, cpu, err := children[i].ask(request, e.socketRequests)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", children[i].peer, err)
			}
			if round < 0 {
				continue // to warm up
			}
			runs[i].perSecond, runs[i].cpu = append(runs[i].perSecond, perSecond), append(runs[i].cpu, cpu)
		}
	}
	return runs, nil
}

func compareCPU(ours, other []float64) *ratio {
	var all []float64
	for round, cpu := range ours {
		if other[round] > 0 {
			all = append(all, cpu/other[round])
		}
	}
	return quartiles(all)
}

// wire returns the bytes of a scenario's request.
func wire(name string) []byte {
	var b bytes.Buffer
	for _, sc := range benchmarks.Scenarios() {
		if sc.Name != name {
			continue
		}
		fmt.Fprintf(&b, "%s /items HTTP/1.1\r\n", sc.Request.Method)
		b.WriteString("Host: example.com\r\nUser-Agent: report\r\nAccept: */*\r\n")
		for name, value := range sc.Request.Header() {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// child is a process that serves a peer. For each line that it reads it prints its CPU time.
type child struct {
	peer    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	address string
}

func start(framework, peer string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{peer: peer, cmd: exec.Command(self, "-serve", framework+":"+peer)}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if c.address, err = c.out.ReadString('\n'); err != nil {
		c.stop()
		return nil, err
	}
	c.address = strings.TrimSpace(c.address)
	return c, nil
}

func (c *child) stop() {
	c.in.Close()
	c.cmd.Wait()
}

func (c *child) cpu() (time.Duration, error) {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		return 0, err
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	return time.Duration(n), err
}

// ask sends n requests over several connections, in at most ten seconds.
func (c *child) ask(request []byte, n int) (perSecond, cpu float64, err error) {
	conns := make([]net.Conn, connections)
	for i := range conns {
		if conns[i], err = net.Dial("tcp", c.address); err != nil {
			return 0, 0, err
		}
		defer conns[i].Close()
		conns[i].SetDeadline(time.Now().Add(10 * time.Second))
	}
	before, err := c.cpu()
	if err != nil {
		return 0, 0, err
	}
	errs := make([]error, connections)
	var wg sync.WaitGroup
	start := time.Now()
	for i, conn := range conns {
		wg.Go(func() { errs[i] = exchange(conn, request, n/connections) })
	}
	wg.Wait()
	took := time.Since(start)
	if err := errors.Join(errs...); err != nil {
		return 0, 0, err
	}
	after, err := c.cpu()
	n -= n % connections
	return float64(n) / took.Seconds(), float64(after-before) / float64(n), err
}

// exchange sends n requests, one after the other. The responses must not have a body.
func exchange(conn net.Conn, request []byte, n int) error {
	r := bufio.NewReader(conn)
	for range n {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		for first := true; ; first = false {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return err
			}
			if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 20")) {
				return fmt.Errorf("got %q", line)
			}
			if len(line) == len("\r\n") {
				break
			}
		}
	}
	return nil
}

// serveChild is the main function of a child. It serves until standard input ends.
func serveChild(name string) error {
	framework, peer, _ := strings.Cut(name, ":")
	scenarios := benchmarks.Scenarios()
	for _, f := range benchmarks.Frameworks {
		i := slices.IndexFunc(f.Peers, func(p benchmarks.Peer) bool { return p.Name == peer })
		if f.Name != framework || i < 0 {
			continue
		}
		server, err := f.Peers[i].New(scenarios[0].Policy, scenarios[0].Want)
		if err != nil {
			return err
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		go server.Serve(l)
		fmt.Println(l.Addr())
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			fmt.Println(int64(cpuTime()))
		}
		return nil
	}
	return fmt.Errorf("there is no %q", name)
}
