package corstest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

// The middleware wraps a single route, so the router responds to the preflight without it.
func ExampleCheckReachable() {
	cors := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}}) // or corshttp.New
	items := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "[]") })
	router := http.NewServeMux()
	router.Handle("GET /items", cors(items))

	var t testing.TB = printing{} // in a test, its own t
	corstest.CheckReachable(t, router, "https://app.example.com", "/items")
	// Output:
	// corstest: /items: the actual request reached the CORS middleware,
	// but the preflight (status 405, Allow: GET, HEAD) did not:
	// the middleware is registered on a route or a group, which has no OPTIONS;
	// register the middleware once, for the whole server and before the routes,
	// and give paths a policy of their own with Config.Routes
}

// The middleware wraps the whole router, so it sees every request.
func ExampleCheckReachableAt() {
	cors := cors(core.Config{AllowOrigins: []string{"https://app.example.com"}}) // or corshttp.New
	router := http.NewServeMux()
	router.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "[]") })
	addr, stop := listen(cors(router))
	defer stop()

	var t testing.TB = printing{} // in a test, its own t
	corstest.CheckReachableAt(t, addr, "https://app.example.com", "/items", "/no/such/path")
	fmt.Println("done")
	// Output:
	// done
}

// printing prints what a test would report, with line breaks.
type printing struct{ testing.TB }

func (printing) Helper() {}

func (printing) Errorf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Println(strings.NewReplacer(
		"middleware, ", "middleware,\n", "not: ", "not:\n", "; ", ";\n", ", and give", ",\nand give",
	).Replace(text))
}
