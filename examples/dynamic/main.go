// Command dynamic changes its allowed origins while it runs. They are in the file origins.txt, one
// per line. They could as well be in a database. Try it:
//
//	$ echo https://app.example.com > origins.txt
//	$ go run .
//	$ curl -si -H "Origin: https://app.example.com" http://127.0.0.1:8080/items
//	HTTP/1.1 200 OK
//	Access-Control-Allow-Origin: https://app.example.com
//
// The response has other lines too. Change the file, wait a second, and try again.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// live decides each request by the policy that was made last.
var live core.Live

// reload makes a policy of the origins in the file. If that fails, the last policy stays in force.
// To change the file, rename another one to it, so that it is never read while it is half written.
func reload() error {
	text, err := os.ReadFile("origins.txt")
	if err != nil {
		return err
	}
	return live.Reload(core.Config{
		AllowOrigins:     strings.Fields(string(text)), // an empty file allows nobody
		ForbidDisallowed: true,                         // for pages that were allowed when they sent the preflight
		MaxAge:           time.Minute,                  // how long browsers remember a preflight
	})
}

func main() {
	if err := reload(); err != nil {
		log.Fatal(err)
	}
	go func() {
		for range time.Tick(time.Second) {
			if err := reload(); err != nil {
				log.Print("the last policy stays in force: ", err)
			}
		}
	}()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "bread, apples") })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", corshttp.Middleware(&live)(mux)))
}
