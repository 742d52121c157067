// Command grpcgateway serves a gRPC service as JSON over HTTP with grpc-gateway. The service is the
// health check of gRPC, so that nothing has to be generated.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/polycors/cors/adapters/corshttp"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(backend().Serve(listener)) }()
	gateway, err := handler(listener.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", gateway))
}

var config = corshttp.Config{
	AllowOrigins:  []string{"https://app.example.com"},
	AllowHeaders:  []string{"Authorization", "Content-Type", "Grpc-Metadata-Tenant", "Grpc-Timeout"},
	ExposeHeaders: []string{"Grpc-Metadata-Served-For"},
}

// health responds with metadata that says which tenant the request was for.
type health struct {
	healthpb.UnimplementedHealthServer
}

func (health) Check(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	received, _ := metadata.FromIncomingContext(ctx)
	tenant := strings.Join(received["tenant"], " ")
	if err := grpc.SetHeader(ctx, metadata.Pairs("served-for", tenant)); err != nil {
		return nil, err
	}
	return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}, nil
}

func backend() *grpc.Server {
	s := grpc.NewServer()
	healthpb.RegisterHealthServer(s, health{})
	return s
}

func handler(backend string) (http.Handler, error) {
	mux := runtime.NewServeMux()
	if err := register(mux, backend); err != nil {
		return nil, err
	}
	return corshttp.New(config)(mux), nil // not runtime.WithMiddlewares, which runs only for routes
}

// register does what protoc-gen-grpc-gateway generates as RegisterHealthHandlerFromEndpoint for
//
//	option (google.api.http) = { put: "/status/{service}" };
func register(mux *runtime.ServeMux, backend string) error {
	conn, err := grpc.NewClient(backend, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	client := healthpb.NewHealthClient(conn)
	put := func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		_, marshaler := runtime.MarshalerForRequest(mux, r)
		ctx, err := runtime.AnnotateContext(r.Context(), mux, r, healthpb.Health_Check_FullMethodName)
		if err != nil {
			runtime.HTTPError(r.Context(), mux, marshaler, w, r, err)
			return
		}
		var received runtime.ServerMetadata
		response, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: path["service"]},
			grpc.Header(&received.HeaderMD), grpc.Trailer(&received.TrailerMD))
		ctx = runtime.NewServerMetadataContext(ctx, received)
		if err != nil {
			runtime.HTTPError(ctx, mux, marshaler, w, r, err)
			return
		}
		runtime.ForwardResponseMessage(ctx, mux, marshaler, w, r, response)
	}
	return mux.HandlePath("PUT", "/status/{service}", put)
}
