package corschi_test

import (
	"testing"

	"github.com/polycors/cors/adapters/corschi"
	"github.com/polycors/cors/core/adapter/adaptertest"
)

// The tests with chi itself are in examples/internal/chi, so that this module does not depend on
// chi.
var underTest = adaptertest.StandardNetHTTP("corschi", corschi.New, corschi.Middleware)

func TestConformance(t *testing.T) { adaptertest.Run(t, underTest.Serve) }

func TestNetHTTP(t *testing.T) { adaptertest.RunNetHTTP(t, underTest) }
