module github.com/polycors/cors/adapters/corsecho5 // published

go 1.25.0

require (
	github.com/labstack/echo/v5 v5.3.1
	github.com/polycors/cors/core v0.1.0
)

require (
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	golang.org/x/time v0.15.0 // indirect
)

// For work in this repository. Whoever depends on this module gets the version above: a dependency's replace is ignored.
replace github.com/polycors/cors/core => ../../core
