module github.com/polycors/cors/adapters/corsfiber // published

go 1.25.0

require (
	github.com/gofiber/fiber/v2 v2.52.0
	github.com/polycors/cors/adapters/corsfasthttp v0.1.0
	github.com/polycors/cors/core v0.1.0
	github.com/valyala/fasthttp v1.51.0
)

require (
	github.com/andybalholm/brotli v1.0.5 // indirect
	github.com/google/uuid v1.5.0 // indirect
	github.com/klauspost/compress v1.17.0 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/mattn/go-runewidth v0.0.15 // indirect
	github.com/philhofer/fwd v1.1.2 // indirect
	github.com/rivo/uniseg v0.2.0 // indirect
	github.com/tinylib/msgp v1.1.8 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
	github.com/valyala/tcplisten v1.0.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.41.0 // indirect
)

// For work in this repository. Whoever depends on this module gets the versions above: a dependency's replace is ignored.
replace (
	github.com/polycors/cors/adapters/corsfasthttp => ../corsfasthttp
	github.com/polycors/cors/core => ../../core
)
