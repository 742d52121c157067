package corstest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
)

// The middleware stands around a single route, so that the router answers the preflight without it.
func ExampleCheckReachable() {
	policy, _ := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	items := Engine{CORS(policy), func(c *Context) { fmt.Fprintln(c.Writer, "[]") }}
	router := http.NewServeMux()
	router.Handle("GET /items", items)

	var t testing.TB = printing{} // in a test, its own t
	corstest.CheckReachable(t, router, "/items")
	// Output:
	// corstest: /items: the actual request reached the CORS middleware, the preflight (status 405) did not: the middleware is registered on a route or a group, which has no OPTIONS; register the middleware once, for the whole server and before the routes, and give paths a policy of their own with Config.Routes
}

// Around the whole router it sees every request.
func ExampleCheckReachableAt() {
	policy, _ := core.New(core.Config{AllowOrigins: []string{"https://app.example.com"}})
	router := http.NewServeMux()
	router.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "[]") })
	engine := Engine{CORS(policy), func(c *Context) { router.ServeHTTP(c.Writer, c.Request) }}
	addr, stop := listen(engine)
	defer stop()

	var t testing.TB = printing{} // in a test, its own t
	corstest.CheckReachableAt(t, addr, "/items", "/no/such/path")
	fmt.Println("done")
	// Output:
	// done
}

// printing prints what a test would report.
type printing struct{ testing.TB }

func (printing) Helper() {}

func (printing) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
