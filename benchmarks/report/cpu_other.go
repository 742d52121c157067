//go:build !unix

package main

import "time"

// cpuTime returns 0, because it is only implemented for Unix.
func cpuTime() time.Duration { return 0 }
