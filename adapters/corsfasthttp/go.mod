module github.com/polycors/cors/adapters/corsfasthttp // published

go 1.25.0

require (
	github.com/polycors/cors/core v0.1.0
	// The version that fiber v2 requires. Applications should require a current one.
	github.com/valyala/fasthttp v1.51.0
)

require (
	github.com/andybalholm/brotli v1.0.5 // indirect
	github.com/klauspost/compress v1.17.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

// For work in this repository. Whoever depends on this module gets the version above: a dependency's replace is ignored.
replace github.com/polycors/cors/core => ../../core
