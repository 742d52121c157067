// Command playground explains in a browser why a request is blocked. Its page takes a policy and a
// request, such as the error in the browser's console, and shows which line of the policy decides
// and how to fix it.
//
// The command also serves the same API on eight frameworks with one policy. The page sends requests
// to all of them, shows what it could read, and compares that with what the policy decided.
// Everything stays on this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

// run serves the playground until ctx is done. It returns nil if everything then stops.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("playground", flag.ContinueOnError)
	port := flags.Int("port", 8880, "serve the page on this `port` and the APIs on the next eight; 0 is any free ports")
	folder := flags.String("static", "", "write the page into this `folder` and exit; the page needs no server then")
	if helped, err := api.ParseFlags(flags, args, stdout); helped || err != nil {
		return err
	}
	if *folder != "" {
		return writeStatic(ctx, *folder, stdout)
	}
	if *port < 0 || *port > 65535-len(frameworks) {
		return fmt.Errorf("playground: -port %d: choose one from 0 to %d", *port, 65535-len(frameworks))
	}
	p, err := start(*port, func(live *core.Live, _ string) core.Decider { return decider{live} })
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, p.welcome())
	select {
	case err = <-p.failed:
	case <-ctx.Done():
		fmt.Fprintln(stdout, "\nStopping.")
	}
	return errors.Join(err, p.stop())
}

// playground has all servers and what they share.
type playground struct {
	control *control
	notices []string // about ports that were not available

	servers   []server
	listeners []net.Listener
	serving   sync.WaitGroup
	failed    chan error // the first error of a server
}

// start listens on all ports and serves. decide returns the Decider for a framework's adapter.
func start(port int, decide func(live *core.Live, name string) core.Decider) (_ *playground, err error) {
	p := &playground{failed: make(chan error, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.stop())
		}
	}()
	j := newJournal()
	applied := func(generation int) { j.publish(event{policy: generation}) }
	p.control = &control{policy: &policy{applied: applied}, journal: j}
	pagePort, pages, err := p.listen("the page", port)
	if err != nil {
		return p, err
	}
	p.control.port = pagePort
	if problems := p.control.policy.apply(startingPolicy(p.control.origins()[0])); problems != nil {
		return p, fmt.Errorf("playground: %+v", problems)
	}
	apis := make([][]net.Listener, len(frameworks))
	for i, f := range frameworks {
		preferred := 0
		if port != 0 {
			preferred = port + 1 + i
		}
		got, listeners, err := p.listen(f.name, preferred)
		if err != nil {
			return p, err
		}
		apis[i] = listeners
		p.control.columns = append(p.control.columns, column{f.name, got})
	}
	for i, f := range frameworks {
		next := p.control.columns[(i+1)%len(frameworks)]
		a := &demoAPI{name: f.name, next: net.JoinHostPort("127.0.0.1", strconv.Itoa(next.Port))}
		p.serve(f.mount(a, decide(&p.control.policy.live, f.name)).tapped(f.name, j), apis[i])
	}
	p.serve(newHTTPServer(p.control.handler()), pages)
	return p, nil
}

func (p *playground) listen(name string, preferred int) (int, []net.Listener, error) {
	port, listeners, notice, err := listenPort(name, preferred)
	p.listeners = append(p.listeners, listeners...)
	if notice != "" {
		p.notices = append(p.notices, notice)
	}
	return port, listeners, err
}

func (p *playground) serve(s server, listeners []net.Listener) {
	p.servers = append(p.servers, s)
	for _, l := range listeners {
		p.serving.Go(func() {
			if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
				select {
				case p.failed <- fmt.Errorf("playground: %s: %w", l.Addr(), err):
				default:
				}
			}
		})
	}
}

// stop ends the streams, waits for the requests that are being handled, and returns when nothing
// runs any more.
func (p *playground) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	p.control.journal.close()
	errs := make([]error, len(p.servers))
	var stopping sync.WaitGroup
	for i, s := range p.servers {
		stopping.Go(func() { errs[i] = s.Shutdown(ctx) })
	}
	stopping.Wait()
	for _, l := range p.listeners {
		l.Close() // for servers that were not started
	}
	p.serving.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("playground: not every request ended in time: %w", err)
	}
	return nil
}

func (p *playground) welcome() string {
	var b strings.Builder
	for _, notice := range p.notices {
		b.WriteString(notice + "\n")
	}
	origins := p.control.origins()
	fmt.Fprintf(&b, "The playground is at %s (Ctrl-C stops it).\n", origins[0])
	fmt.Fprintf(&b, "The same page at %s is an origin that the policy refuses.\n", origins[1])
	b.WriteString("The API listens on")
	for i, c := range p.control.columns {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %d (%s)", c.Port, c.Name)
	}
	b.WriteString(".\n")
	return b.String()
}
