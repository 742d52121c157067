// Command env-config reads its policy from environment variables. They may have the names of
// django-cors-headers, so a deployment that comes from Django keeps its variables. Try it:
//
//	$ CORS_ALLOWED_ORIGINS=https://app.example.com CORS_ALLOW_CREDENTIALS=True go run .
//	$ curl -si -H "Origin: https://app.example.com" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Credentials: true
//	Access-Control-Allow-Origin: https://app.example.com
//
// The response has other lines too. If a variable is misspelled or its value is not valid, the
// program does not start, and prints every problem with its fix.
package main

import (
	"io"
	"log"
	"net/http"
	"os"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

func main() {
	s, err := settings.FromEnv("CORS_", os.Environ())
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range s.Findings { // what is valid, but probably not meant
		log.Printf("%s: %s", finding.Field, finding.Message)
	}
	policy, err := core.New(s.CORS)
	if err != nil {
		log.Fatal(err) // for example because no variable is set
	}
	protection, err := core.NewCSRFProtection(s.CSRF) // CSRF_TRUSTED_ORIGINS and CSRF_EXEMPT_PATHS
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	mux.HandleFunc("POST /items", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusCreated) })
	handler := corshttp.Middleware(policy)(corshttp.Middleware(protection)(mux))
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}
