// Command spa-cookies is the API of a single-page app whose visitors log in with a cookie. The app
// is at https://app.example.com, and the API would be at https://api.example.com. Try it:
//
//	$ go run .
//	$ curl -si -H "Origin: https://app.example.com" -d user=ada http://127.0.0.1:8080/login
//	HTTP/1.1 204 No Content
//	Access-Control-Allow-Credentials: true
//	Access-Control-Allow-Origin: https://app.example.com
//
//	$ curl -si -H "Origin: https://evil.example" -X POST http://127.0.0.1:8080/orders
//	HTTP/1.1 403 Forbidden
//
// The responses have other lines too. The app calls fetch(url, {credentials: "include"}), so that
// the browser sends the cookie.
package main

import (
	"crypto/rand"
	"fmt"
	"log"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

func main() {
	const app = "https://app.example.com"
	// The policy says who may read responses. With credentials, list exact origins: each of them can
	// act as your visitors.
	policy, err := core.New(core.Config{AllowOrigins: []string{app}, AllowCredentials: true})
	if err != nil {
		log.Fatal(err)
	}
	// CORS does not stop a form on another website from sending a POST with the cookie. This does.
	protection, err := core.NewCSRFProtection(core.CSRFConfig{TrustedOrigins: []string{app}})
	if err != nil {
		log.Fatal(err)
	}
	// The policy comes first, so that the app can read the responses of the protection.
	handler := corshttp.Middleware(policy)(corshttp.Middleware(protection)(routes()))
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler))
}

func routes() http.Handler {
	var sessions sync.Map // from token to user; keep yours in a database, where they expire
	var orders atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		token := rand.Text()
		sessions.Store(token, r.FormValue("user")) // after you have checked the password
		// The app and the API are both under example.com, which makes them the same site, so Lax is
		// enough. An API on another domain needs SameSiteNoneMode, and some browsers block its cookies.
		http.SetCookie(w, &http.Cookie{
			Name: "__Host-session", Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
		})
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie("__Host-session")
		if err != nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		user, known := sessions.Load(cookie.Value)
		if !known {
			http.Error(w, "log in again", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, "order %d by %s", orders.Add(1), user)
	})
	return http.MaxBytesHandler(mux, 64<<10)
}
