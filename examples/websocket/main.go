// Command websocket accepts WebSockets from pages of https://app.example.com only. CORS does not
// apply to WebSockets, so the server has to check the origin itself, and asks the policy. Try it:
//
//	$ go run .
//	$ curl -si -H "Origin: https://evil.example" -H "Connection: Upgrade" -H "Upgrade: websocket" \
//	  -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: cG9seWNvcnMgcG9seWNvcg==" \
//	  http://127.0.0.1:8080/echo
//	HTTP/1.1 403 Forbidden
//
// The response has other lines too. On a page, connect with new WebSocket(url).
package main

import (
	"log"
	"net/http"

	"github.com/gorilla/websocket"
	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

func main() {
	policy, err := core.New(core.Config{
		AllowOrigins:     []string{"https://app.example.com"},
		AllowCredentials: true, // browsers send the visitor's cookies with every handshake
	})
	if err != nil {
		log.Fatal(err)
	}
	upgrader := websocket.Upgrader{
		CheckOrigin: func(r *http.Request) bool {
			return core.AllowsWebSocket(r.Context(), policy, corshttp.Request(r))
		},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /echo", func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return // Upgrade has responded
		}
		defer conn.Close()
		conn.SetReadLimit(64 << 10)
		for {
			kind, message, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, message) != nil {
				return
			}
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", corshttp.Middleware(policy)(mux)))
}
