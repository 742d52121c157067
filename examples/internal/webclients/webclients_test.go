// Package webclients tests the header lists of docs/start/other-routers.md. It runs the JavaScript
// clients of connect-go, gRPC-Web and MCP in a page of another origin, in Chromium, and records
// which methods and headers the browser asks for.
package webclients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/chromedp/chromedp"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/browser"
)

// clients has the rows of the table in docs/start/other-routers.md. The functions are those of
// page.mjs, each with its result if the policy has all the methods and headers of the row.
var clients = []struct {
	row       string
	functions map[string][]string
}{
	{"Connect", map[string][]string{
		"connect": {"2", "error 5: milk is sold out, details order more", "bread apples"},
	}},
	{"gRPC-Web", map[string][]string{
		"connectGrpcWeb": {"2", "error 5: milk is sold out, details order more", "bread apples"},
		"googleGrpcWeb":  {"2", "error 5: milk is sold out, details " + details},
	}},
	{"MCP until 2025-11-25", map[string][]string{"mcpV1": session, "mcpV2": session}},
	{"MCP 2026-07-28", map[string][]string{"mcpV2Sessionless": sessionless, "mcpV2Auto": sessionless}},
}

// details is the value of Grpc-Status-Details-Bin, which grpc-web does not decode.
const details = "CAUSEG1pbGsgaXMgc29sZCBvdXQaPwovdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucHJvdG9idWYuU3RyaW5nVmFs" +
	"dWUSDAoKb3JkZXIgbW9yZQ"

var (
	session = []string{
		"sign in", "connect: 2025-11-25", "tools: count", "call: 2", "resume: undefined", "terminate: undefined",
	}
	sessionless = []string{"sign in", "connect: 2026-07-28", "tools: count", "call: 2"}
)

// TestClients checks that each client works with the lists of its row, that it asks for all of
// them, and that it fails or gets less if one of them is missing.
func TestClients(t *testing.T) {
	chromium := browser.New(t)
	script := bundle(t)
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			io.WriteString(w, `<!doctype html><script src="/clients.js"></script>`)
		case "/clients.js":
			w.Header().Set("Content-Type", "text/javascript")
			w.Write(script)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(page.Close)

	api := newAPI(t, page.URL)
	ctx, cancel := context.WithTimeout(chromium, 4*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, function string) []string {
		t.Helper()
		expression := fmt.Sprintf("clients.%s(%q)", function, api.url)
		got, err := chromedp.Run(ctx, chromedp.Evaluate[[]any](expression, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatalf("%s: %v", function, err)
		}
		var texts []string
		for _, value := range got {
			texts = append(texts, fmt.Sprint(value))
		}
		return texts
	}

	rows := table(t)
	if len(rows) != len(clients) {
		t.Errorf("docs/start/other-routers.md has %d rows, want %d", len(rows), len(clients))
	}
	for _, client := range clients {
		t.Run(client.row, func(t *testing.T) {
			listed, found := rows[client.row]
			if !found {
				t.Fatal("docs/start/other-routers.md has no such row")
			}
			api.allow(t, listed)
			for function, want := range client.functions {
				if got := run(t, function); !slices.Equal(got, want) {
					t.Errorf("%s: got %q, want %q", function, got, want)
				}
			}
			methods, headers := api.asked()
			if !slices.Equal(methods, listed.methods) || !slices.Equal(headers, listed.headers) {
				t.Errorf("the browser asks for %q and %q, docs/start/other-routers.md lists %q and %q",
					methods, headers, listed.methods, listed.headers)
			}

			for what, mistaken := range listed.without() {
				api.allow(t, mistaken)
				missed := false
				for function, want := range client.functions {
					missed = missed || !slices.Equal(run(t, function), want)
				}
				if !missed {
					t.Errorf("without %s nothing changes", what)
				}
			}
		})
	}

	t.Run("GET without a preflight", func(t *testing.T) {
		api.allow(t, lists{})
		if got := run(t, "connectGet"); !slices.Equal(got, []string{"2"}) {
			t.Errorf("got %q, want 2", got)
		}
		if got := run(t, "connect"); slices.Contains(got, "2") {
			t.Errorf("POST works without a header in the policy: %q", got)
		}
	})

	// A client that negotiates the version takes a refused preflight for a server that knows only the
	// old versions.
	t.Run("a newer client with the lists of the older one", func(t *testing.T) {
		api.allow(t, rows["MCP until 2025-11-25"])
		want := []string{"sign in", "connect: 2025-11-25", "tools: count", "call: 2"}
		if got := run(t, "mcpV2Auto"); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// lists is a row of the table. The names of headers are in lower case, and all lists are sorted.
type lists struct {
	methods, headers, exposed []string
}

// without returns the lists with one entry less, for each of the entries.
func (l lists) without() map[string]lists {
	all := map[string]lists{}
	for i, name := range l.methods {
		all["AllowMethods "+name] = lists{slices.Delete(slices.Clone(l.methods), i, i+1), l.headers, l.exposed}
	}
	for i, name := range l.headers {
		all["AllowHeaders "+name] = lists{l.methods, slices.Delete(slices.Clone(l.headers), i, i+1), l.exposed}
	}
	for i, name := range l.exposed {
		all["ExposeHeaders "+name] = lists{l.methods, l.headers, slices.Delete(slices.Clone(l.exposed), i, i+1)}
	}
	return all
}

var name = regexp.MustCompile("`([^`]+)`")

// table returns the rows of the table in docs/start/other-routers.md, by the first cell.
func table(t *testing.T) map[string]lists {
	t.Helper()
	data, err := os.ReadFile("../../../docs/start/other-routers.md")
	if err != nil {
		t.Fatal(err)
	}
	names := func(cell string) []string {
		all := []string{}
		for _, m := range name.FindAllStringSubmatch(cell, -1) {
			all = append(all, m[1])
		}
		slices.Sort(all)
		return all
	}
	rows := map[string]lists{}
	_, section, _ := strings.Cut(string(data), "\n## Header lists\n")
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) == 6 && cells[1] != " client " && cells[1] != "---" {
			rows[strings.TrimSpace(cells[1])] = lists{
				names(cells[2]), names(strings.ToLower(cells[3])), names(strings.ToLower(cells[4])),
			}
		}
	}
	return rows
}

// api is the server that the clients call.
type api struct {
	url, page string
	live      *core.Live

	mu      sync.Mutex
	methods map[string]bool // those that preflights asked for
	headers map[string]bool
}

// newAPI serves connect-go and MCP until the test ends.
func newAPI(t *testing.T, page string) *api {
	t.Helper()
	a := &api{page: page}
	policy, err := core.New(a.config(lists{}))
	if err != nil {
		t.Fatal(err)
	}
	a.live = core.NewLive(policy)
	mux := http.NewServeMux()
	registerItems(mux)
	server := httptest.NewUnstartedServer(a.record(corshttp.Middleware(a.live)(mux)))
	a.url = "http://" + server.Listener.Addr().String()
	registerMCP(mux, a.url)
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return a
}

func (a *api) config(l lists) core.Config {
	return core.Config{
		AllowOrigins:  []string{a.page},
		AllowMethods:  append([]string{}, l.methods...),
		AllowHeaders:  append([]string{}, l.headers...),
		ExposeHeaders: l.exposed,
		MaxAge:        -1, // the browser must not remember preflights from one policy to the next
	}
}

// allow makes the lists the policy, and forgets what preflights asked for.
func (a *api) allow(t *testing.T, l lists) {
	t.Helper()
	if err := a.live.Reload(a.config(l)); err != nil {
		t.Fatal(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.methods, a.headers = map[string]bool{}, map[string]bool{}
}

// record notes what preflights ask for. Methods that are always allowed do not count.
func (a *api) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if method := r.Header.Get("Access-Control-Request-Method"); r.Method == "OPTIONS" && method != "" {
			a.mu.Lock()
			if method != "GET" && method != "HEAD" && method != "POST" {
				a.methods[method] = true
			}
			for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
				if name != "" {
					a.headers[name] = true
				}
			}
			a.mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
}

// asked returns what preflights asked for since allow was called.
func (a *api) asked() (methods, headers []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return sorted(a.methods), sorted(a.headers)
}

func sorted(set map[string]bool) []string {
	all := []string{}
	for name := range set {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// registerItems adds a service of connect-go, which speaks Connect and gRPC-Web.
func registerItems(mux *http.ServeMux) {
	const service = "/items.v1.ItemService/"
	mux.Handle(service+"CountItems", connect.NewUnaryHandler(service+"CountItems",
		func(context.Context, *connect.Request[emptypb.Empty]) (*connect.Response[wrapperspb.Int32Value], error) {
			return connect.NewResponse(wrapperspb.Int32(2)), nil
		}, connect.WithIdempotency(connect.IdempotencyNoSideEffects)))
	mux.Handle(service+"GetItem", connect.NewUnaryHandler(service+"GetItem",
		func(
			_ context.Context, r *connect.Request[wrapperspb.StringValue],
		) (*connect.Response[wrapperspb.StringValue], error) {
			soldOut := connect.NewError(connect.CodeNotFound, errors.New(r.Msg.GetValue()+" is sold out"))
			detail, err := connect.NewErrorDetail(wrapperspb.String("order more"))
			if err != nil {
				return nil, err
			}
			soldOut.AddDetail(detail)
			return nil, soldOut
		}))
	mux.Handle(service+"ListItems", connect.NewServerStreamHandler(service+"ListItems",
		func(
			_ context.Context, _ *connect.Request[emptypb.Empty], stream *connect.ServerStream[wrapperspb.StringValue],
		) error {
			return errors.Join(stream.Send(wrapperspb.String("bread")), stream.Send(wrapperspb.String("apples")))
		}))
}

// registerMCP adds an MCP server with one tool. It requires a token, and tells clients without one
// where they can sign in.
func registerMCP(mux *http.ServeMux, url string) {
	server := mcp.NewServer(&mcp.Implementation{Name: "items", Version: "1"}, nil)
	type input struct {
		List string `json:"list"`
	}
	mcp.AddTool(server, &mcp.Tool{Name: "count"},
		func(context.Context, *mcp.CallToolRequest, input) (*mcp.CallToolResult, any, error) {
			return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: "2"}}}, nil, nil
		})
	verify := func(_ context.Context, token string, _ *http.Request) (*auth.TokenInfo, error) {
		if token != "ada" {
			return nil, auth.ErrInvalidToken
		}
		return &auth.TokenInfo{UserID: token, Expiration: time.Now().Add(time.Hour)}, nil
	}
	metadata := url + "/where/to/sign-in"
	protect := auth.RequireBearerToken(verify, &auth.RequireBearerTokenOptions{ResourceMetadataURL: metadata})
	for path, options := range map[string]*mcp.StreamableHTTPOptions{
		"/mcp/sessions":    {EventStore: mcp.NewMemoryEventStore(nil)},
		"/mcp/sessionless": {Stateless: true},
	} {
		mux.Handle(path, protect(mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, options)))
	}
	mux.HandleFunc("GET /where/to/sign-in", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"resource": url, "authorization_servers": []string{url}})
	})
}

// bundle returns the clients as one script. It installs them with npm in a temporary folder. The
// test is skipped if that is not possible, unless CI_NPM is "required".
func bundle(t *testing.T) []byte {
	t.Helper()
	skip := t.Skipf
	if os.Getenv("CI_NPM") == "required" {
		skip = t.Fatalf
	}
	folder := t.TempDir()
	for _, file := range []string{"package.json", "package-lock.json", "page.mjs"} {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, file), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx,
		"npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	install.Dir = folder
	if printed, err := install.CombinedOutput(); err != nil {
		skip("the clients cannot be installed: npm ci: %v\n%s", err, printed)
	}
	esbuild := exec.CommandContext(ctx, filepath.Join(folder, "node_modules", ".bin", "esbuild"),
		"page.mjs", "--bundle", "--format=iife", "--global-name=clients", "--log-level=error")
	esbuild.Dir = folder
	script, err := esbuild.Output()
	if err != nil {
		t.Fatalf("esbuild: %v", err)
	}
	return script
}
