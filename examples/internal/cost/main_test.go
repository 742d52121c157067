package main

import (
	"path/filepath"
	"testing"
)

// TestMeasure checks that the adapter is really left out of one build and linked into the other.
func TestMeasure(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds two programs")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	bare, err := measure(t.Context(), root, programs[0], false)
	if err != nil {
		t.Fatal(err)
	}
	with, err := measure(t.Context(), root, programs[0], true)
	if err != nil {
		t.Fatal(err)
	}
	// The module itself; and with the adapter also corshttp, core, x/net and x/text, which may
	// require more.
	if bare.modules != 1 || with.modules < 5 {
		t.Errorf("got %d modules without the adapter and %d with it, want 1 and at least 5", bare.modules, with.modules)
	}
	if more := with.bytes - bare.bytes; more < 100_000 {
		t.Errorf("got %d bytes more, want at least 100,000", more)
	}
}
