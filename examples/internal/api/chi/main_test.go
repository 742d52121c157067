package main

import (
	"testing"

	"github.com/polycors/cors/examples/internal/apitest"
)

func TestAPI(t *testing.T) { apitest.Test(t, run) }
