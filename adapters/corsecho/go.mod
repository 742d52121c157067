module github.com/polycors/cors/adapters/corsecho // published

go 1.25.0

require (
	github.com/labstack/echo/v4 v4.11.4
	github.com/polycors/cors/core v0.1.0
)

require (
	github.com/golang-jwt/jwt v3.2.2+incompatible // indirect
	github.com/labstack/gommon v0.4.2 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/fasttemplate v1.2.2 // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	golang.org/x/time v0.5.0 // indirect
)

// For work in this repository. Whoever depends on this module gets the version above: a dependency's replace is ignored.
replace github.com/polycors/cors/core => ../../core
