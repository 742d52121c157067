module github.com/polycors/cors/core // published

go 1.25.0

require golang.org/x/net v0.55.0

require golang.org/x/text v0.37.0 // indirect
