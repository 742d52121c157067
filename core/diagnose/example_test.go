package diagnose_test

import (
	"context"
	"fmt"
	"log"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/diagnose"
)

func Example() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	in, err := diagnose.Read(`
		fetch("https://api.example.com/items/1", {
			method: "PUT",
			headers: {"Content-Type": "application/json", "X-Request-Id": id},
		})`)
	if err != nil {
		log.Fatal(err)
	}
	in.Fetch.Origin = "https://app.example.com"

	report := diagnose.Explain(context.Background(), policy, in.Fetch)
	for _, step := range report.Steps {
		fmt.Printf("%-11s %-10s %s\n", step.Name, step.Result, step.Text)
	}
	fmt.Println(report.Fix)
	// Output:
	// path        passed     The policy applies to this path.
	// origin      passed     AllowOrigins[0] allows the origin https://app.example.com.
	// method      passed     The policy allows the method PUT.
	// headers     failed     "x-request-id" is not among the allowed headers.
	// credentials not asked  An earlier check failed.
	// set AllowHeaders to append(core.DefaultHeaders(), "x-request-id")
}

func ExampleRead() {
	in, err := diagnose.Read("app.js:12 Access to fetch at 'https://api.example.com/items' from origin " +
		"'https://app.example.com' has been blocked by CORS policy: Method PATCH is not allowed by " +
		"Access-Control-Allow-Methods in preflight response.")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Kind)
	fmt.Println(in.Fetch.Method, in.Fetch.URL, "from", in.Fetch.Origin)
	fmt.Println(in.Blocked)
	// Output:
	// console error
	// PATCH https://api.example.com/items from https://app.example.com
	// method-not-allowed
}

func ExampleRead_curl() {
	in, err := diagnose.Read(`$ curl -i https://api.example.com/items -X OPTIONS -H 'Origin: https://app.example.com' \
		-H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: x-request-id'`)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(in.Kind)
	fmt.Println(in.Fetch.Method, in.Fetch.Header)
	for _, note := range in.Notes {
		fmt.Println("-", note)
	}
	// Output:
	// curl command
	// PUT [[x-request-id ...]]
	// - This is a preflight. The request that it asks permission for is shown instead.
	// - A preflight does not contain the values of the headers, so they are assumed.
}

func ExampleFetch_Preflight() {
	f := diagnose.Fetch{
		Origin: "https://app.example.com", URL: "https://api.example.com/items", Method: "POST",
		Header: [][2]string{{"X-Request-Id", "1"}, {"Accept", "text/html"}, {"Content-Type", "application/json"}},
	}
	preflight, ok := f.Preflight()
	fmt.Println(ok)
	fmt.Println(preflight.Header.Field("Access-Control-Request-Headers"))

	f.Header = [][2]string{{"Content-Type", "text/plain"}}
	_, ok = f.Preflight()
	fmt.Println(ok)
	// Output:
	// true
	// content-type,x-request-id
	// false
}

func ExampleFetch_Judge() {
	f := diagnose.Fetch{Origin: "https://app.example.com", URL: "https://api.example.com/items", Method: "DELETE"}
	preflight := &diagnose.Response{Status: 200, Header: core.HeaderMap{
		"Access-Control-Allow-Origin":  {"*"},
		"Access-Control-Allow-Methods": {"GET, PUT"},
	}}
	verdict := f.Judge(preflight, nil)
	fmt.Println(verdict.Blocked)
	fmt.Println(verdict.Message)
	// Output:
	// method-not-allowed
	// Access-Control-Allow-Methods in the response to the preflight does not list DELETE.
}

func ExampleExplain() {
	policy, err := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		log.Fatal(err)
	}
	report := diagnose.Explain(context.Background(), policy, diagnose.Fetch{
		Origin: "https://app.example.com", URL: "https://api.example.com/items", Credentials: true,
	})
	fmt.Println(report.Summary)
	fmt.Println("set to true:", report.Enable)
	for _, e := range report.Exchanges {
		fmt.Println(e.Request.Method, e.Response.Header)
	}
	// Output:
	// The request is sent, but the page cannot read the response: credentials are not allowed.
	// set to true: [AllowCredentials]
	// GET map[Access-Control-Allow-Origin:[https://app.example.com] Vary:[Origin]]
}
