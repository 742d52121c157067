// Package identity tests that all adapters answer alike. It is apart from them because no adapter
// knows another.
package identity

import (
	"testing"

	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// TestAllAdapters sends every request of the conformance suite to all six, each under its real
// framework.
func TestAllAdapters(t *testing.T) {
	adaptertest.RunIdentical(t, frameworks.All())
}
