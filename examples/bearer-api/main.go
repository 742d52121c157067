// Command bearer-api is a public API whose clients send a token in Authorization. Pages of every
// website may call it, if they have a token. Try it:
//
//	$ API_TOKEN=secret go run .
//	$ curl -si -H "Origin: https://any.example" -H "Authorization: Bearer secret" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Origin: *
//	Access-Control-Expose-Headers: X-Total-Count
//
//	$ curl -si -H "Origin: https://any.example" http://127.0.0.1:8080/items
//	HTTP/1.1 401 Unauthorized
//	Access-Control-Allow-Origin: *
//
// The responses have other lines too.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"log"
	"net/http"
	"os"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() {
	token := os.Getenv("API_TOKEN")
	if token == "" {
		log.Fatal("set API_TOKEN")
	}
	cors := corshttp.New(corshttp.Config{
		// AllowCredentials is about cookies. Here a page adds the token to each request itself, so it is
		// not needed, and "*" is safe: a website that has no token gets nothing.
		AllowOrigins:  []string{"*"},
		AllowHeaders:  []string{"Authorization", "Content-Type"}, // "*" would not include Authorization
		ExposeHeaders: []string{"X-Total-Count"},                 // otherwise pages could not read it
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Total-Count", "2")
		io.WriteString(w, "bread, apples")
	})
	// The policy comes before authentication, because browsers send a preflight without the token, and
	// because pages should be able to read a 401.
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", cors(authenticated(token, mux))))
}

func authenticated(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "a valid token is required", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
