// Command connect serves a service with connect-go, which browsers can call with the protocols
// Connect and gRPC-Web.
package main

import (
	"context"
	"log"
	"net/http"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() { log.Fatal(http.ListenAndServe("127.0.0.1:8080", handler())) }

var config = corshttp.Config{
	AllowOrigins: []string{"https://app.example.com"},
	AllowMethods: []string{}, // GET and POST are always allowed
	AllowHeaders: []string{
		"Content-Type", "Connect-Protocol-Version", "Connect-Timeout-Ms", "Grpc-Timeout", "X-Grpc-Web",
		"X-User-Agent",
	},
	ExposeHeaders: []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"},
}

// procedure is what connect-go generates as a constant for a method of a service.
const procedure = "/items.v1.ItemService/CountItems"

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(procedure, connect.NewUnaryHandler(procedure, countItems))
	return corshttp.New(config)(mux)
}

func countItems(
	context.Context, *connect.Request[emptypb.Empty],
) (*connect.Response[wrapperspb.Int32Value], error) {
	return connect.NewResponse(wrapperspb.Int32(2)), nil
}
