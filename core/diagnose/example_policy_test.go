package diagnose_test

import (
	"context"
	"fmt"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

func ExampleReadPolicy() {
	for _, text := range []string{
		`{"allow_origins": ["https://app.example.com"]}`,
		`export CORS_ALLOW_ORIGINS=https://app.example.com # our page`,
		`r.Use(corsgin.New(corsgin.Config{AllowOrigins: []string{"https://app.example.com"}}))`,
	} {
		p, err := diagnose.ReadPolicy(text)
		if err != nil {
			panic(err)
		}
		fmt.Println(p.Notation, p.Config.AllowOrigins)
	}
	// Output:
	// JSON [https://app.example.com]
	// environment variables [https://app.example.com]
	// Go [https://app.example.com]
}

// Every problem has a position, a rule and a fix.
func ExampleReadPolicy_problems() {
	_, err := diagnose.ReadPolicy(`
CORS_ALLOW_ORIGINS=https://app.example.com/
CORS_ALLOW_CREDENTIALS=perhaps
`)
	for e := range core.Problems(err) {
		fmt.Printf("line %d: %s: %s\n", e.Line, e.Field, e.Fix)
	}
	// Output:
	// line 2: CORS_ALLOW_ORIGINS: write "https://app.example.com"
	// line 3: CORS_ALLOW_CREDENTIALS: write true or false
}

// A Report says what to change. Apply makes the change in the text.
func ExamplePolicy_Apply() {
	p, err := diagnose.ReadPolicy(`corshttp.Config{
	AllowOrigins: []string{
		"https://app.example.com", // our page
	},
}
`)
	if err != nil {
		panic(err)
	}
	policy, err := core.New(p.Config)
	if err != nil {
		panic(err)
	}
	report := diagnose.Explain(context.Background(), policy, diagnose.Fetch{
		Origin: "https://admin.example.com", URL: "https://api.example.com/items",
	})
	fixed, err := p.Apply(report.Changes, report.Enable)
	if err != nil {
		panic(err)
	}
	fmt.Print(fixed)
	// Output:
	// corshttp.Config{
	// 	AllowOrigins: []string{
	// 		"https://app.example.com", // our page
	// 		"https://admin.example.com",
	// 	},
	// }
}

func ExamplePolicy_Write() {
	p, err := diagnose.ReadPolicy(`{"allow_origins": ["https://app.example.com"], "max_age": "10m"}`)
	if err != nil {
		panic(err)
	}
	for _, n := range []diagnose.Notation{diagnose.Environment, diagnose.Go} {
		text, err := p.Write(n)
		if err != nil {
			panic(err)
		}
		fmt.Print(text)
	}
	// Output:
	// CORS_ALLOW_ORIGINS=https://app.example.com
	// CORS_MAX_AGE=600
	// core.Config{
	// 	AllowOrigins: []string{"https://app.example.com"},
	// 	MaxAge:       10 * time.Minute,
	// }
}

// A Report uses the names of Go. Line and Translate find the same fields in the text.
func ExamplePolicy_Translate() {
	p, err := diagnose.ReadPolicy(`{
	"allow_origins": ["https://app.example.com"],
	"allow_headers": []
}`)
	if err != nil {
		panic(err)
	}
	policy, err := core.New(p.Config)
	if err != nil {
		panic(err)
	}
	report := diagnose.Explain(context.Background(), policy, diagnose.Fetch{
		Origin: "https://app.example.com", URL: "https://api.example.com/items", Header: [][2]string{{"X-Trace", "1"}},
	})
	fmt.Printf("line %d: %s\n", p.Line(report.Field), p.Translate(report.Fix))
	// Output:
	// line 3: add "x-trace" to allow_headers
}
