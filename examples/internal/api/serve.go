package api

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Server is what Serve needs of a server. *http.Server is one.
type Server interface {
	Serve(net.Listener) error       // returns when Shutdown was called, then with any error
	Shutdown(context.Context) error // lets the requests that are under way finish
}

// Main calls run until it returns or somebody presses Ctrl-C. If it fails, Main prints the error and exits with status 1.
func Main(run func(ctx context.Context, args []string, stdout io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Serve listens where args say (-addr), prints the URL and commands to try, and serves until ctx is done. It returns nil if the
// server then stopped within ten seconds. name is that of the example.
func Serve(ctx context.Context, name string, args []string, stdout io.Writer, server Server) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 is any free port")
	var usage strings.Builder
	flags.SetOutput(&usage)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage.String())
		return nil
	case err != nil:
		return errors.New(strings.TrimSpace(usage.String()))
	case flags.NArg() > 0:
		return fmt.Errorf("%s: unexpected argument %q; the only flag is -addr host:port", name, flags.Arg(0))
	}

	listener, err := net.Listen("tcp", *addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s: the port of %s is taken; stop what listens there, or use any free port: -addr 127.0.0.1:0", name, *addr)
	case err != nil:
		return fmt.Errorf("%s: %w; use any free port: -addr 127.0.0.1:0", name, err)
	}
	defer listener.Close()
	fmt.Fprint(stdout, welcome(name, baseURL(listener.Addr())))

	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("%s: %w", name, err)
	case <-ctx.Done():
	}
	fmt.Fprintln(stdout, "\nStopping.")
	timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(timeout); err != nil {
		return fmt.Errorf("%s: not every request ended in time: %w", name, err)
	}
	<-served
	return nil
}

// baseURL returns the URL of a listener for somebody on the same machine.
func baseURL(addr net.Addr) string {
	tcp := addr.(*net.TCPAddr)
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// welcome is what an example prints. docs/try.md has the same commands; double quotes are understood by every shell.
func welcome(name, url string) string {
	return fmt.Sprintf(`The %[1]s example listens on %[2]s (Ctrl-C stops it). Try:

an allowed preflight
  curl -si -X OPTIONS -H "Origin: https://app.example.com" -H "Access-Control-Request-Method: PUT" %[2]s/items/1

a refused one
  curl -si -X OPTIONS -H "Origin: https://evil.example" -H "Access-Control-Request-Method: PUT" %[2]s/items/1

an actual request
  curl -si -H "Origin: https://app.example.com" %[2]s/items
`, name, url)
}
