// Package identity compares all adapters with each other. The tests are not part of an adapter,
// because no adapter depends on another.
package identity

import (
	"testing"

	"github.com/polycors/cors/core/adapter/adaptertest"
	"github.com/polycors/cors/examples/internal/frameworks"
)

// TestAllAdapters sends every request of the conformance suite to all adapters, each on its
// real framework. The responses must be the same.
func TestAllAdapters(t *testing.T) {
	adaptertest.RunIdentical(t, frameworks.All())
}
