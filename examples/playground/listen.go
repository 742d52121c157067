package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// listenPort listens on both loopback addresses, because browsers try [::1] first for localhost. If
// the preferred port is not available, it takes a free one, and notice says so. Port 0 means any
// free port.
func listenPort(name string, preferred int) (port int, listeners []net.Listener, notice string, err error) {
	if preferred != 0 {
		_, listeners, err = listenBoth(preferred)
		if err == nil {
			return preferred, listeners, "", nil
		}
		why := "is in use"
		if !errors.Is(err, syscall.EADDRINUSE) {
			why = "cannot be had (" + err.Error() + ")"
		}
		notice = fmt.Sprintf("port %d %s; ", preferred, why)
	}
	const attempts = 20 // a port that is free on one of the addresses may be taken on the other
	for range attempts {
		if port, listeners, err = listenBoth(0); err == nil {
			if notice != "" {
				notice += fmt.Sprintf("%s takes %d instead", name, port)
			}
			return port, listeners, notice, nil
		}
	}
	return 0, nil, "", fmt.Errorf("playground: no port for %s: %w", name, err)
}

func listenBoth(port int) (int, []net.Listener, error) {
	four, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return 0, nil, err
	}
	port = four.Addr().(*net.TCPAddr).Port
	six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port)))
	switch {
	case err == nil:
		return port, []net.Listener{four, six}, nil
	case errors.Is(err, syscall.EADDRINUSE):
		four.Close()
		return 0, nil, err
	}
	return port, []net.Listener{four}, nil // this machine has no IPv6
}
