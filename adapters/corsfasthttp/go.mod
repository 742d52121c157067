module github.com/polycors/cors/adapters/corsfasthttp

go 1.25.0

require (
	github.com/polycors/cors/core v0.1.0
	github.com/valyala/fasthttp v1.74.0
)

require (
	github.com/klauspost/compress v1.20.0 // indirect
	github.com/molecule-man/go-brrr v1.0.1 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

// For work in this repository. Whoever depends on this module gets the version above: a dependency's replace is ignored.
replace github.com/polycors/cors/core => ../../core
