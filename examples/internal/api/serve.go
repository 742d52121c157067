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
	Serve(net.Listener) error       // returns after Shutdown is called, with any error
	Shutdown(context.Context) error // waits for the requests that are being handled
}

// Main calls run with the arguments of the program and a context that Ctrl-C ends. If run fails,
// Main prints the error and exits with status 1.
func Main(run func(ctx context.Context, args []string, stdout io.Writer) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Serve listens at the address that args say (-addr), prints the URL and commands to try, and
// serves until ctx is done. It returns nil if the server then stops within ten seconds. name is
// that of the example.
func Serve(ctx context.Context, name string, args []string, stdout io.Writer, server Server) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 is any free port")
	if helped, err := ParseFlags(flags, args, stdout); helped || err != nil {
		return err
	}
	listener, err := Listen(*addr)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	defer listener.Close()
	fmt.Fprint(stdout, welcome(name, BaseURL(listener.Addr())))
	if err := ServeListener(ctx, stdout, server, listener); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// ParseFlags parses the arguments of a program that takes flags only. With -h it prints the usage
// to stdout, and helped is true.
func ParseFlags(flags *flag.FlagSet, args []string, stdout io.Writer) (helped bool, err error) {
	var usage strings.Builder
	flags.SetOutput(&usage)
	err = flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage.String())
		return true, nil
	case err != nil:
		return false, errors.New(strings.TrimSpace(usage.String()))
	case flags.NArg() > 0:
		return false, fmt.Errorf("%s: unexpected argument %q; -h lists the flags", flags.Name(), flags.Arg(0))
	}
	return false, nil
}

// Listen listens at addr, which is host:port. Its errors say how to listen on a free port.
func Listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the port of %s is taken; stop what listens there, or use any free port: -addr 127.0.0.1:0",
			addr)
	case err != nil:
		return nil, fmt.Errorf("%w; use any free port: -addr 127.0.0.1:0", err)
	}
	return listener, nil
}

// BaseURL returns the URL of a listener for a client on the same machine.
func BaseURL(addr net.Addr) string {
	tcp := addr.(*net.TCPAddr)
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// ServeListener serves until ctx is done. It returns nil if the server then stops within ten
// seconds.
func ServeListener(ctx context.Context, stdout io.Writer, server Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(stdout, "\nStopping.")
	timeout, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(timeout); err != nil {
		return fmt.Errorf("not every request ended in time: %w", err)
	}
	<-served
	return nil
}

// welcome returns what an example prints when it starts. The commands have double quotes because
// every shell understands those.
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
