package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/examples/internal/api"
	"github.com/polycors/cors/examples/internal/apitest"
)

const (
	acme  = "https://app.acme.example"
	other = "https://shop.other.example"
	token = "open sesame"
)

// The CORS headers of a response. A test compares all of them, so no other CORS header may be set.
var (
	preflightAllowed = map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Headers":     "accept, authorization, content-type, user-agent, x-csrftoken, x-requested-with",
		"Access-Control-Allow-Methods":     "DELETE, GET, OPTIONS, PATCH, POST, PUT",
		"Access-Control-Allow-Origin":      acme,
		"Access-Control-Max-Age":           "60",
		"Vary":                             "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
	}
	preflightRefused = map[string]string{"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
	actualAllowed    = map[string]string{
		"Access-Control-Allow-Credentials": "true",
		"Access-Control-Allow-Origin":      acme,
		"Access-Control-Expose-Headers":    "X-Total-Count",
		"Vary":                             "Origin",
	}
	actualRefused = map[string]string{"Vary": "Origin"}
	untouched     = map[string]string{}
)

// server is a running example.
type server struct {
	t   *testing.T
	url string
}

// start starts the example, which stops when the test ends. It does not read the database
// periodically, unless args contain -every.
func start(t *testing.T, db string, args ...string) server {
	t.Helper()
	s := apitest.Start(t, func(ctx context.Context, addr []string, stdout io.Writer) error {
		return run(ctx, slices.Concat(addr, []string{"-db", db, "-token", token, "-every", "0"}, args), stdout)
	})
	return server{t, s.URL}
}

func databaseFile(t *testing.T) string {
	return filepath.Join(t.TempDir(), "with space, 100% and #.db")
}

type received struct {
	status int
	cors   map[string]string
	header http.Header
	body   string
}

// send sends a request. header has lines such as "Origin: https://app.example.com".
func (s server) send(method, path, body string, header ...string) (received, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		return received{}, err
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return received{}, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return received{}, err
	}
	a := received{response.StatusCode, map[string]string{}, response.Header, strings.TrimSuffix(string(data), "\n")}
	for name, values := range response.Header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" || name == "Polycors-Reason" {
			a.cors[name] = strings.Join(values, " | ")
		}
	}
	return a, nil
}

func (s server) do(method, path, body string, header ...string) received {
	s.t.Helper()
	a, err := s.send(method, path, body, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s server) admin(method, query, body string) received {
	s.t.Helper()
	return s.do(method, "/admin/origins"+query, body, "Authorization: Bearer "+token)
}

// add adds origins, and fails the test if they are refused.
func (s server) add(tenant string, origins ...string) {
	s.t.Helper()
	if a := s.admin("POST", "", addition(tenant, origins...)); a.status != 200 {
		s.t.Fatalf("adding %q: got %d %s", origins, a.status, a.body)
	}
}

func addition(tenant string, origins ...string) string {
	b, err := json.Marshal(map[string]any{"tenant": tenant, "origins": origins})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func removal(tenant string, origins ...string) string {
	return "?" + url.Values{"tenant": {tenant}, "origin": origins}.Encode()
}

// is compares the status and the CORS headers of a response.
func (a received) is(t *testing.T, what string, status int, cors map[string]string) {
	t.Helper()
	if a.status != status || !maps.Equal(a.cors, cors) {
		t.Errorf("%s: got %d and %v, want %d and %v", what, a.status, a.cors, status, cors)
	}
}

func (s server) preflight(origin string) received {
	s.t.Helper()
	return s.do("OPTIONS", "/items/1", "", "Origin: "+origin, "Access-Control-Request-Method: PUT")
}

// allows reports whether a preflight from the origin is allowed. The response must be exactly that
// of an allowed or of a refused preflight.
func (s server) allows(origin string) bool {
	s.t.Helper()
	a := s.preflight(origin)
	want := maps.Clone(preflightAllowed)
	want["Access-Control-Allow-Origin"] = origin
	switch {
	case a.status == 204 && maps.Equal(a.cors, want):
		return true
	case a.status != 403 || !maps.Equal(a.cors, preflightRefused):
		s.t.Errorf("preflight of %s: got %d and %v", origin, a.status, a.cors)
	}
	return false
}

func TestAtOnce(t *testing.T) {
	s := start(t, databaseFile(t))
	a := s.do("GET", "/items", "")
	a.is(t, "no origin", 200, actualRefused)
	s.preflight(acme).is(t, "preflight, empty table", 403, preflightRefused)
	s.do("GET", "/items", "", "Origin: "+acme).is(t, "actual, empty table", 403, actualRefused)

	a = s.admin("POST", "", addition("acme", acme, "https://*.acme.example"))
	if a.status != 200 || a.body != `{"added":2}` {
		t.Fatalf("add: got %d %s", a.status, a.body)
	}
	s.preflight(acme).is(t, "preflight, added", 204, preflightAllowed)
	s.do("GET", "/items", "", "Origin: "+acme).is(t, "actual, added", 200, actualAllowed)
	s.preflight(other).is(t, "preflight, another one", 403, preflightRefused)
	if a := s.admin("POST", "", addition("acme", acme)); a.status != 200 || a.body != `{"added":0}` {
		t.Errorf("add again: got %d %s", a.status, a.body)
	}
	const listed = `{"entries":[{"tenant":"acme","origin":"https://*.acme.example"},` +
		`{"tenant":"acme","origin":"https://app.acme.example"}]}`
	if a := s.admin("GET", "", ""); a.status != 200 || a.body != listed {
		t.Errorf("list: got %d %s", a.status, a.body)
	}

	// First a pattern and then another tenant's entry still allow the origin, and the response says
	// so.
	s.add("globex", acme)
	for _, step := range []struct {
		query  string
		status int
		body   string
	}{
		{removal("acme", "https://*.acme.example"), 200, `{"removed":1,"still_allowed":[]}`},
		{removal("acme", acme), 200, `{"removed":1,"still_allowed":["https://app.acme.example"]}`},
		{removal("acme", acme), 404, `{"removed":0,"still_allowed":["https://app.acme.example"]}`},
	} {
		if a := s.admin("DELETE", step.query, ""); a.status != step.status || a.body != step.body {
			t.Errorf("DELETE %s: got %d %s, want %d %s", step.query, a.status, a.body, step.status, step.body)
		}
		s.preflight(acme).is(t, "preflight, after DELETE "+step.query, 204, preflightAllowed)
	}
	if a := s.admin("DELETE", removal("globex"), ""); a.status != 200 || a.body != `{"removed":1,"still_allowed":[]}` {
		t.Errorf("DELETE all of a tenant: got %d %s", a.status, a.body)
	}
	s.preflight(acme).is(t, "preflight, removed", 403, preflightRefused)
	s.do("GET", "/items", "", "Origin: "+acme).is(t, "actual, removed", 403, actualRefused)
}

func TestInvalid(t *testing.T) {
	s := start(t, databaseFile(t))
	s.add("acme", acme)
	const added = `"nothing was added, because these origins are invalid"`
	for _, test := range []struct {
		name, body string
		status     int
		want       string
	}{
		{
			"every problem",
			addition("acme", "http://shop.acme.example", other, "https://acme.example/shop", "https://*.com"), 400,
			`{"error":` + added + `,"problems":[` +
				`{"origin":"http://shop.acme.example",` +
				`"rule":"with AllowCredentials, anyone who can tamper with http traffic could act as your visitors",` +
				`"fix":"write \"https://shop.acme.example\", or move it to DangerouslyAllowOrigins"},` +
				`{"origin":"https://acme.example/shop",` +
				`"rule":"an origin has no path",` +
				`"fix":"write \"https://acme.example\""},` +
				`{"origin":"https://*.com",` +
				`"rule":"with AllowCredentials, other people's websites could act as your visitors, because anyone ` +
				`can register a name under \"com\"",` +
				`"fix":"replace it with your own origins, or move it to DangerouslyAllowOrigins"}]}`,
		},
		{
			"another spelling", addition("acme", "https://Shop.Other.example:443"), 400,
			`{"error":` + added + `,"problems":[` +
				`{"origin":"https://Shop.Other.example:443",` +
				`"rule":"browsers send this origin in another spelling",` +
				`"fix":"write it in lower case, without the default port, an international name in Punycode"}]}`,
		},
		{
			"everybody", addition("acme", "*"), 400,
			`{"error":` + added + `,"problems":[` +
				`{"origin":"*",` +
				`"rule":"with AllowCredentials, any website could act as your visitors",` +
				`"fix":"replace it with your own origins, or remove AllowCredentials"}]}`,
		},
		{"no JSON", "tenant=acme", 400, `the body cannot be used`},
		{"unknown field", `{"tenant":"acme","origin":"` + other + `"}`, 400, `unknown field \"origin\"`},
		{"two values", addition("acme", other) + addition("acme", other), 400, `more than one value`},
		{"no tenant", addition(" ", other), 400, `name a tenant`},
		{"no origins", addition("acme"), 400, `one origin at least`},
		{"too large", addition("acme", strings.Repeat("x", maxBody)), 413, `more than 4194304 bytes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s.admin("POST", "", test.body)
			if a.status != test.status || !strings.Contains(a.body, test.want) {
				t.Errorf("got %d %s, want %d %s", a.status, a.body, test.status, test.want)
			}
			if !s.allows(acme) || s.allows(other) {
				t.Error("the policy has changed")
			}
			if a := s.admin("GET", "", ""); a.body != `{"entries":[{"tenant":"acme","origin":"https://app.acme.example"}]}` {
				t.Errorf("the table has changed: %s", a.body)
			}
		})
	}
	for _, query := range []string{"", "?tenant=acme&origin=", "?origin=" + acme} {
		if a := s.admin("DELETE", query, ""); a.status != 400 {
			t.Errorf("DELETE %s: got %d %s, want 400", query, a.status, a.body)
		}
	}
}

func TestToken(t *testing.T) {
	s := start(t, databaseFile(t))
	s.add("acme", acme)
	for _, authorization := range []string{
		"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + token, "Bearer " + token + "x", token,
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "OPTIONS"} {
			a := s.do(method, "/admin/origins"+removal("acme", acme), addition("acme", other),
				"Authorization: "+authorization, "Origin: "+acme, "Access-Control-Request-Method: POST")
			a.is(t, fmt.Sprintf("%s with %q", method, authorization), 401, untouched)
			if got := a.header.Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("got WWW-Authenticate %q, want Bearer", got)
			}
		}
	}
	if !s.allows(acme) || s.allows(other) {
		t.Error("the policy has changed")
	}
	// Even with the token no page can read the response, because /admin/ has no CORS.
	s.do("GET", "/admin/origins", "", "Authorization: bearer "+token, "Origin: "+acme).is(t, "GET", 200, untouched)
	s.do("GET", "/ADMIN/origins", "", "Origin: "+acme).is(t, "GET, another case", 404, untouched)
}

// raw opens the database, as another process would.
func raw(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(file, "rw"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func mustExec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// TestSourceFails checks that the last policy stays in force while the file is unusable, and that
// everything works again when it is back.
func TestSourceFails(t *testing.T) {
	move := func(t *testing.T, from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	replace := func(content string) func(t *testing.T, file string) (repair func()) {
		return func(t *testing.T, file string) func() {
			move(t, file, file+".kept")
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return func() { move(t, file+".kept", file) }
		}
	}
	for name, breakIt := range map[string]func(t *testing.T, file string) (repair func()){
		"removed": func(t *testing.T, file string) func() {
			move(t, file, file+".kept")
			return func() { move(t, file+".kept", file) }
		},
		"corrupt":      replace(strings.Repeat("this is no database\n", 1000)),
		"another file": replace(""),
		"locked": func(t *testing.T, file string) func() {
			db := raw(t, file)
			mustExec(t, db, "BEGIN EXCLUSIVE")
			return func() { mustExec(t, db, "ROLLBACK") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := databaseFile(t)
			s := start(t, file)
			s.add("acme", acme)
			repair := breakIt(t, file)
			for _, a := range []received{
				s.admin("GET", "", ""),
				s.admin("POST", "", addition("other", other)),
				s.admin("DELETE", removal("acme", acme), ""),
			} {
				if a.status != 503 || !strings.Contains(a.body, "the last policy stays in force: ") {
					t.Errorf("got %d %s, want 503", a.status, a.body)
				}
			}
			if !s.allows(acme) || s.allows(other) {
				t.Error("the policy has changed")
			}
			repair()
			const listed = `{"entries":[{"tenant":"acme","origin":"https://app.acme.example"}]}`
			if a := s.admin("GET", "", ""); a.status != 200 || a.body != listed {
				t.Errorf("repaired: got %d %s", a.status, a.body)
			}
			s.add("other", other)
			if !s.allows(acme) || !s.allows(other) {
				t.Error("repaired: the policy has not changed")
			}
		})
	}
}

// within waits until happened returns true.
func within(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !happened(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it does not happen", what)
		}
	}
}

// TestOtherProcess checks that changes by another process are noticed, and that an invalid row does
// not prevent other changes from taking effect.
func TestOtherProcess(t *testing.T) {
	file := databaseFile(t)
	s := start(t, file, "-every", "100ms")
	s.add("acme", acme)
	db := raw(t, file)
	mustExec(t, db, "INSERT INTO origins VALUES ('other', ?)", other)
	within(t, "an origin is added", func() bool { return s.allows(other) })
	mustExec(t, db, "INSERT INTO origins VALUES ('other', 'shop.other.example'), ('other', 'https://*')")
	mustExec(t, db, "DELETE FROM origins WHERE origin = ?", acme)
	within(t, "an origin is removed", func() bool { return !s.allows(acme) })
	if !s.allows(other) {
		t.Error("the origin that stays is refused")
	}
}

// TestTwoServers checks that two servers can write to one file, and that nothing is lost.
func TestTwoServers(t *testing.T) {
	file := databaseFile(t)
	servers := []server{start(t, file), start(t, file)}
	const each = 10
	var wg sync.WaitGroup
	for i, s := range servers {
		for j := range each {
			wg.Go(func() {
				added := addition(fmt.Sprint("tenant ", i), fmt.Sprintf("https://p%d.server%d.example", j, i))
				a, err := s.send("POST", "/admin/origins", added, "Authorization: Bearer "+token)
				// A server that does not get the lock in time responds with 503, and the client tries again.
				for err == nil && a.status == 503 && strings.Contains(a.body, "locked") {
					a, err = s.send("POST", "/admin/origins", added, "Authorization: Bearer "+token)
				}
				if err != nil || a.status != 200 {
					t.Errorf("got %v, %d %s", err, a.status, a.body)
				}
			})
		}
	}
	wg.Wait()
	for _, s := range servers {
		s.admin("GET", "", "") // reads what the other one has written
		for i := range servers {
			for j := range each {
				if origin := fmt.Sprintf("https://p%d.server%d.example", j, i); !s.allows(origin) {
					t.Errorf("%s is lost", origin)
				}
			}
		}
	}
}

// TestUnderLoad checks that each response comes from one policy as a whole, with the origin or
// without, while the origin is added and removed.
func TestUnderLoad(t *testing.T) {
	s := start(t, databaseFile(t))
	s.add("other", other)
	var seen [2]atomic.Int64
	done := make(chan struct{})
	var asking sync.WaitGroup
	for i := range 6 {
		asking.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				method, want := "GET", [2]received{{status: 403, cors: actualRefused}, {status: 200, cors: actualAllowed}}
				if i%2 == 0 {
					method, want = "OPTIONS", [2]received{{status: 403, cors: preflightRefused}, {status: 204, cors: preflightAllowed}}
				}
				a, err := s.send(method, "/items", "", "Origin: "+acme, "Access-Control-Request-Method: PUT")
				if err != nil {
					t.Error(err)
					return
				}
				k := slices.IndexFunc(want[:], func(w received) bool { return w.status == a.status && maps.Equal(w.cors, a.cors) })
				if k < 0 {
					t.Errorf("%s: got %d and %v", method, a.status, a.cors)
					return
				}
				seen[k].Add(1)
			}
		})
	}
	for range 50 {
		a, err := s.send("POST", "/admin/origins", addition("acme", acme), "Authorization: Bearer "+token)
		if err != nil || a.status != 200 {
			t.Errorf("got %v, %d %s", err, a.status, a.body)
		}
		a, err = s.send("DELETE", "/admin/origins"+removal("acme", acme), "", "Authorization: Bearer "+token)
		if err != nil || a.status != 200 {
			t.Errorf("got %v, %d %s", err, a.status, a.body)
		}
	}
	close(done)
	asking.Wait()
	if seen[0].Load() == 0 || seen[1].Load() == 0 {
		t.Errorf("got %d answers without and %d with, want some of each", seen[0].Load(), seen[1].Load())
	}
}

func TestTenThousand(t *testing.T) {
	s := start(t, databaseFile(t))
	origins := make([]string, 10_000)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://t%d.example", i)
	}
	began := time.Now()
	if a := s.admin("POST", "", addition("bulk", origins...)); a.status != 200 || a.body != `{"added":10000}` {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	t.Logf("added in %v", time.Since(began))
	for _, i := range []int{0, 4999, 9999} {
		if !s.allows(origins[i]) {
			t.Errorf("%s is refused", origins[i])
		}
	}
	if s.allows("https://t10000.example") {
		t.Error("an origin that was not added is allowed")
	}
	// If one origin is invalid, none is added.
	origins[5000] = "https://t5000.example/"
	if a := s.admin("POST", "", addition("again", origins...)); a.status != 400 || strings.Count(a.body, `"rule"`) != 1 {
		t.Errorf("got %d %.300s", a.status, a.body)
	}
	if a := s.admin("DELETE", removal("bulk"), ""); a.status != 200 || a.body != `{"removed":10000,"still_allowed":[]}` {
		t.Errorf("got %d %s", a.status, a.body)
	}
	if s.allows("https://t0.example") {
		t.Error("an origin that was removed is allowed")
	}
}

// TestFull checks that no more entries are added than the table has room for. If another process
// has added more, reading the table fails.
func TestFull(t *testing.T) {
	file := databaseFile(t)
	db, err := openTable(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.room = 2
	tenantPolicy, err := newTenants(t.Context(), db, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	handler := httptest.NewServer(routes(tenantPolicy, api.NewStore(), token))
	defer handler.Close()
	s := server{t, handler.URL}
	s.add("acme", acme, other)
	const third = "https://third.example"
	if a := s.admin("POST", "", addition("acme", third)); a.status != 409 || s.allows(third) {
		t.Errorf("a third one: got %d %s, want 409", a.status, a.body)
	}
	s.add("acme", acme) // already there
	mustExec(t, raw(t, file), "INSERT INTO origins VALUES ('acme', 'https://a.example')")
	a := s.admin("GET", "", "")
	if a.status != 503 || !s.allows(acme) || !s.allows(other) || s.allows("https://a.example") {
		t.Errorf("too many: got %d %s, want 503", a.status, a.body)
	}
}

// TestRestart checks that the origins are still there after a restart.
func TestRestart(t *testing.T) {
	file := databaseFile(t)
	t.Run("first", func(t *testing.T) { start(t, file).add("acme", acme) })
	t.Run("again", func(t *testing.T) {
		if s := start(t, file); !s.allows(acme) || s.allows(other) {
			t.Error("the policy is another one")
		}
	})
}

// memory is a store whose reads the test can delay.
type memory struct {
	store
	reads chan func() []entry // for each read, a function that returns its result
	err   error
}

func (m *memory) read(context.Context) ([]entry, error) {
	if m.err != nil {
		return nil, m.err
	}
	if m.reads == nil {
		return []entry{{"acme", acme}}, nil
	}
	return (<-m.reads)(), nil
}

// TestTurns checks that a read that begins earlier and ends later does not replace the policy of a
// newer read.
func TestTurns(t *testing.T) {
	m := &memory{}
	tenantPolicy, err := newTenants(t.Context(), m, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	m.reads = make(chan func() []entry)
	release := make(chan struct{})
	var wg sync.WaitGroup
	refresh := func() {
		if _, err := tenantPolicy.refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	wg.Go(refresh)
	m.reads <- func() []entry { <-release; return []entry{{"acme", acme}} } // before acme was removed
	wg.Go(refresh)
	newer := func() []entry { return []entry{{"other", other}} }
	select {
	case m.reads <- newer:
		t.Error("the second read begins before the first is in force")
		within(t, "the second is in force", func() bool { return allows(t.Context(), &tenantPolicy.live, other) })
		close(release)
	case <-time.After(200 * time.Millisecond):
		close(release)
		m.reads <- newer
	}
	wg.Wait()
	if allows(t.Context(), &tenantPolicy.live, acme) || !allows(t.Context(), &tenantPolicy.live, other) {
		t.Error("the policy in force is the older one")
	}
}

// TestLog checks that a problem is logged once, and once that it is over. It also checks that a
// caller can stop waiting for its turn.
func TestLog(t *testing.T) {
	var log strings.Builder
	m := &memory{}
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindTime {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	tenantPolicy, err := newTenants(t.Context(), m, logger)
	if err != nil {
		t.Fatal(err)
	}
	m.err = errors.New("disk on fire")
	for range 3 {
		if _, err := tenantPolicy.refresh(t.Context()); !errors.Is(err, m.err) {
			t.Errorf("got error %v, want %v", err, m.err)
		}
	}
	if !allows(t.Context(), &tenantPolicy.live, acme) {
		t.Error("the last good policy is gone")
	}
	m.err = nil
	for range 3 {
		if _, err := tenantPolicy.refresh(t.Context()); err != nil {
			t.Error(err)
		}
	}
	const want = "level=ERROR msg=\"the origins cannot be read or changed: disk on fire\"\n" +
		"level=INFO msg=\"the origins are in order again\"\n"
	if got := log.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}

	tenantPolicy.turn <- struct{}{} // taken by another caller that never returns it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tenantPolicy.refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// TestNoFirstPolicy checks that the example does not start if it cannot read the database.
func TestNoFirstPolicy(t *testing.T) {
	broken := &memory{err: errors.New("disk on fire")}
	if _, err := newTenants(t.Context(), broken, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("got no error")
	}
	file := databaseFile(t)
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"-db", file, "-addr", "127.0.0.1:0"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "not a database") {
		t.Errorf("got error %v", err)
	}
}

// TestBuild checks that a problem which is not about an origin is an error.
func TestBuild(t *testing.T) {
	if _, bad := problemsOf(nil, &core.ConfigError{Field: "MaxAge", Index: -1}); bad != nil {
		t.Errorf("got %v, want nil", bad)
	}
	if policy, problems, err := build(nil); policy == nil || problems != nil || err != nil {
		t.Errorf("no origins: got %v, %v, %v", policy, problems, err)
	}
}

func TestArguments(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-addr", taken.Addr().String()}, "-addr 127.0.0.1:0"},
		{[]string{"-addr", "8080"}, "-addr 127.0.0.1:0"},
		{[]string{"-every", "1ms"}, "dynamic: -every 1ms is too often; write at least 100ms, or 0 for never"},
		{[]string{"-every", "-1s"}, "write at least 100ms"},
		{[]string{"-db", filepath.Join(t.TempDir(), "missing", "x.db")}, "unable to open database file"},
		{[]string{"-port", "8080"}, "flag provided but not defined: -port"},
		{[]string{"8080"}, `unexpected argument "8080"`},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			if err := run(ctx, test.args, io.Discard); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
	var usage strings.Builder
	err = run(t.Context(), []string{"-h"}, &usage)
	if err != nil || !strings.Contains(usage.String(), "-addr host:port") {
		t.Errorf("-h: got error %v and\n%s", err, usage.String())
	}
}

// TestWelcome checks what is used without flags: a temporary file, which is removed, and a new
// token, which works. A token that is given is not printed.
func TestWelcome(t *testing.T) {
	var temporary string
	t.Run("running", func(t *testing.T) {
		started := apitest.Start(t, run)
		m := regexp.MustCompile(`temporary file (.+), removed at the end`).FindStringSubmatch(started.Printed)
		if m == nil {
			t.Fatalf("it does not say where the origins are:\n%s", started.Printed)
		}
		temporary = m[1]
		if _, err := os.Stat(temporary); err != nil {
			t.Error(err)
		}
		m = regexp.MustCompile(`Authorization: (Bearer [A-Z2-7]{26})"`).FindStringSubmatch(started.Printed)
		if m == nil {
			t.Fatalf("it does not print a token:\n%s", started.Printed)
		}
		s := server{t, started.URL}
		if a := s.do("GET", "/admin/origins", "", "Authorization: "+m[1]); a.status != 200 {
			t.Errorf("got %d %s, want 200", a.status, a.body)
		}
	})
	if _, err := os.Stat(filepath.Dir(temporary)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the temporary folder is still there: %v", err)
	}
	t.Run("token given", func(t *testing.T) {
		started := apitest.Start(t, func(ctx context.Context, args []string, stdout io.Writer) error {
			return run(ctx, append(args, "-token", token), stdout)
		})
		if strings.Contains(started.Printed, token) {
			t.Errorf("it prints the token:\n%s", started.Printed)
		}
	})
}
