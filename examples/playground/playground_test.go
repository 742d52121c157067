package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// request sends a request and returns the status and the body.
func request(t *testing.T, method, url, body string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(data))
}

var pageURL = regexp.MustCompile(`^The playground is at (http://localhost:\d+) `)

// TestRun checks that the program prints where it listens, mentions a port that is taken, and
// stops.
func TestRun(t *testing.T) {
	// This port is taken. The ones after it are free, most likely.
	port, listeners, _, err := listenPort("the test", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	if port > 65535-len(frameworks) {
		t.Skip("the port is too high")
	}
	ctx, cancel := context.WithCancel(t.Context())
	stdout, printed := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-port", strconv.Itoa(port)}, printed)
		printed.CloseWithError(err)
		ended <- err
	}()
	text, url := "", ""
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		text += lines.Text() + "\n"
		if m := pageURL.FindStringSubmatch(lines.Text()); m != nil {
			url = m[1]
		}
		if strings.HasPrefix(lines.Text(), "The API listens on") {
			break
		}
	}
	go io.Copy(io.Discard, stdout)
	if want := fmt.Sprintf("port %d is in use; the page takes ", port); !strings.HasPrefix(text, want) {
		t.Errorf("it prints\n%s\nwant %q first", text, want)
	}
	const noScript = `<noscript><p class="noscript">The playground needs JavaScript`
	if status, body := request(t, "GET", url+"/", ""); status != 200 || !strings.Contains(body, noScript) {
		t.Errorf("the page: %d\n%s", status, body)
	}
	cancel()
	http.DefaultClient.CloseIdleConnections()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it does not stop")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		t.Error("somebody still listens")
	}
}

func TestArguments(t *testing.T) {
	for args, want := range map[string]string{
		"-port x":     `invalid value "x" for flag -port`,
		"-port 70000": "playground: -port 70000: choose one from 0 to 65527",
		"-port -1":    "playground: -port -1: choose one from 0 to 65527",
		"8080":        `playground: unexpected argument "8080"; -h lists the flags`,
		"-other":      "flag provided but not defined: -other",
	} {
		if err := run(t.Context(), strings.Fields(args), io.Discard); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", args, err, want)
		}
	}
	var usage strings.Builder
	if err := run(t.Context(), []string{"-h"}, &usage); err != nil || !strings.Contains(usage.String(), "-port port") {
		t.Errorf("-h: got %v and\n%s", err, usage.String())
	}
}

// TestFrameworksRespondAlike checks that all frameworks have the same responses, apart from headers
// of their own.
func TestFrameworksRespondAlike(t *testing.T) {
	p := serve(t)
	for _, c := range p.control.columns {
		url := fmt.Sprintf("http://localhost:%d", c.Port)
		for _, test := range []struct {
			method, path, body string
			status             int
			want               string
		}{
			{"GET", "/items", "", 200, `{"by":"` + c.Name + `","items":["bread","apples"]}`},
			{"POST", "/items", "milk", 200, `{"by":"` + c.Name + `","bytes":4,"done":true,"type":"text/plain"}`},
			{"PUT", "/items/1", "milk", 200, `{"by":"` + c.Name + `","bytes":4,"done":true,"type":"text/plain"}`},
			{"PURGE", "/items/1", "", 200, `{"by":"` + c.Name + `","bytes":0,"done":true,"type":"text/plain"}`},
			{"GET", "/reload/x-1", "", 200, `{"by":"` + c.Name + `","items":["bread","apples"]}`},
			{"GET", "/me", "", 200, `{"name":"nobody"}`},
			{"GET", "/fail", "", 500, `{"error":"this endpoint always fails"}`},
		} {
			status, body := request(t, test.method, url+test.path, test.body,
				"Content-Type", "text/plain", "Origin", p.control.origins()[0])
			if status != test.status || body != test.want {
				t.Errorf("%s: %s %s: got %d %s, want %d %s", c.Name, test.method, test.path, status, body, test.status, test.want)
			}
		}
		for path, want := range map[string]int{"/panic": 500, "/nowhere": 404, "/redirect": 302, "/away": 302} {
			if status, _ := request(t, "GET", url+path, ""); status != want {
				t.Errorf("%s: GET %s: got %d, want %d", c.Name, path, status, want)
			}
		}
	}
}

// TestAway checks that a redirect stays on this machine, even with another host or a strange token.
func TestAway(t *testing.T) {
	a := &demoAPI{name: "gin", next: "127.0.0.1:8882"}
	for _, test := range []struct{ host, token, want string }{
		{"localhost:8881", "ab-1", "http://localhost:8882/items?t=ab-1"},
		{"127.0.0.1:8881", "ab-1", "http://127.0.0.1:8882/items?t=ab-1"},
		{"evil.example", "a&b=c\r\n", "http://127.0.0.1:8882/items?t="},
		{"", strings.Repeat("a", 41), "http://127.0.0.1:8882/items?t="},
	} {
		if got := a.away(call{host: test.host, token: test.token}).header[0]; got != [2]string{"Location", test.want} {
			t.Errorf("%q: got %q, want %s", test.host, got, test.want)
		}
	}
}

// TestControlIsGuarded checks that other websites can open the page and nothing else.
func TestControlIsGuarded(t *testing.T) {
	p := serve(t)
	origins := p.control.origins()
	policy := `{"allow_origins": ["https://a.example"]}`
	fromEvil := []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}
	for _, test := range []struct {
		why, method, path, body string
		header                  []string
		want                    int
	}{
		{"the page", "GET", "/control/state", "", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"a program", "GET", "/control/state", "", nil, 200},
		{"another website", "GET", "/control/state", "", fromEvil, 403},
		{"another website takes a stream", "GET", "/control/events", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port", "GET", "/control/state", "", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"somebody types it", "GET", "/control/state", "", []string{"Sec-Fetch-Site", "none"}, 403},
		{"another website in an old browser", "GET", "/control/state", "", []string{"Origin", "https://evil.example"}, 403},
		{"another website writes", "PUT", "/control/policy", policy, fromEvil, 403},
		{
			"another website writes, in an old browser", "PUT", "/control/policy", policy,
			[]string{"Origin", "https://evil.example"}, 403,
		},
		{
			"the twin writes", "PUT", "/control/policy", policy,
			[]string{"Sec-Fetch-Site", "cross-site", "Origin", origins[1]}, 403,
		},
		{"another website links here", "GET", "/", "", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		{"a name of somebody else's", "GET", "/control/state", "", []string{"Host", "evil.example"}, 421},
		{"a name of somebody else's, for the page", "GET", "/", "", []string{"Host", "evil.example:80"}, 421},
		{"no such method", "DELETE", "/control/policy", "", nil, 405},
		{"no id", "POST", "/control/shut?id=../x", "", nil, 400},
		{"too long", "PUT", "/control/policy", strings.Repeat(" ", 64<<10+1), nil, 413},
		{
			"the page writes", "PUT", "/control/policy", policy,
			[]string{"Sec-Fetch-Site", "same-origin", "Origin", origins[0]}, 200,
		},
	} {
		if got, body := request(t, test.method, origins[0]+test.path, test.body, test.header...); got != test.want {
			t.Errorf("%s: got %d, want %d: %s", test.why, got, test.want, body)
		}
		wrote := test.why == "the page writes"
		if text, _ := p.control.policy.state(); (text == policy) != wrote {
			t.Errorf("%s: the policy is\n%s", test.why, text)
		}
	}
}

// TestProblems checks that an invalid policy changes nothing, and that each problem has its line
// and a fix.
func TestProblems(t *testing.T) {
	p := serve(t)
	before := p.control.policy.live.Load()
	for _, test := range []struct {
		text string
		want []problem
	}{
		{"", []problem{{
			"settings", 1, "", "the text is empty (line 1, column 1)", "write {} if there are no settings",
		}}},
		{`{
  "allow_origins": [
    "https://a.example",
    "a.example"
  ]
}`, []problem{{
			"allow_origins[1]", 4, "a.example", "an origin begins with a scheme", `write "https://a.example"`,
		}}},
		{`{
"routes": [
{"path": "/a", "allow_origins": ["*"]},
{"path": "/b",
"allow_origins": ["*"], "allow_credentials": true}
]}`, []problem{{
			"routes[1].allow_origins[0]", 5, "*",
			"with allow_credentials, any website could act as your visitors",
			"replace it with your own origins, or remove allow_credentials",
		}}},
		{`{"AllowOrigins": ["*"]}`, []problem{{
			"AllowOrigins", 1, "", "no setting has this key", `write "allow_origins" instead, or remove it`,
		}}},
		{`{}`, []problem{{
			"allow_origins", 0, "", "no origins are configured",
			`list the origins, such as "https://app.example.com", ` +
				`or write an empty list to allow nobody`,
		}}},
	} {
		status, body := request(t, "PUT", p.control.origins()[0]+"/control/policy", test.text)
		var got struct{ Problems []problem }
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 422 || !slices.Equal(got.Problems, test.want) {
			t.Errorf("%s: got %d, %v\n%+v\nwant\n%+v", test.text, status, err, got.Problems, test.want)
		}
	}
	if p.control.policy.live.Load() != before {
		t.Error("the policy has changed")
	}
}

// TestReload checks that a policy takes effect on every framework at once, and that a path can be
// shut and opened again.
func TestReload(t *testing.T) {
	p := serve(t)
	origin := p.control.origins()[0]
	allowed := func(path string) (by []string) {
		t.Helper()
		for _, c := range p.control.columns {
			r, err := http.NewRequest("GET", fmt.Sprintf("http://localhost:%d%s", c.Port, path), nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", origin)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.Header.Get("Access-Control-Allow-Origin") == origin {
				by = append(by, c.Name)
			}
		}
		return by
	}
	all := []string{"gin", "echo", "echo v5", "chi", "fiber", "fiber v3", "fasthttp", "net/http"}
	for _, step := range []struct {
		method, path, body  string
		items, reload, more []string // who lets the origin read /items, /reload/a and /reload/b
	}{
		{"GET", "/control/state", "", all, all, all},
		{"POST", "/control/shut?id=a&shut=true", "", all, nil, all},
		{"PUT", "/control/policy", `{"allow_origins": ["https://a.example"]}`, nil, nil, nil},
		{"PUT", "/control/policy", startingPolicy(origin), all, nil, all},
		{"POST", "/control/shut?id=a&shut=false", "", all, all, all},
	} {
		if status, body := request(t, step.method, origin+step.path, step.body); status > 299 {
			t.Fatalf("%s: %d %s", step.path, status, body)
		}
		items, reload, more := allowed("/items"), allowed("/reload/a"), allowed("/reload/b")
		if !slices.Equal(items, step.items) || !slices.Equal(reload, step.reload) || !slices.Equal(more, step.more) {
			t.Errorf("after %s %s: got %v, %v, %v", step.method, step.path, items, reload, more)
		}
	}
	for i := range 3 * maxShut {
		if err := p.control.policy.setShut(fmt.Sprintf("/reload/x-%d", i), true); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(p.control.policy.shut); n != maxShut {
		t.Errorf("%d paths are shut, want at most %d", n, maxShut)
	}
}

// TestEvents checks that the stream has every decision with its reason, and the events that were
// missed.
func TestEvents(t *testing.T) {
	p := serve(t)
	origin := p.control.origins()[0]
	r, err := http.NewRequestWithContext(t.Context(), "GET", origin+"/control/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "1") // the policy that was applied at the start
	for _, c := range p.control.columns {
		request(t, "OPTIONS", fmt.Sprintf("http://localhost:%d/items?t=x", c.Port), "",
			"Origin", "https://evil.example", "Access-Control-Request-Method", "PUT")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	request(t, "PUT", origin+"/control/policy", startingPolicy(origin))
	lines := bufio.NewScanner(response.Body)
	var got []entry
	for lines.Scan() && lines.Text() != "event: policy" {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			var e entry
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			got = append(got, e)
		}
	}
	if len(got) != len(frameworks) {
		t.Fatalf("got %d events, want %d", len(got), len(frameworks))
	}
	for i, name := range []string{"gin", "echo", "echo v5", "chi", "fiber", "fiber v3", "fasthttp", "net/http"} {
		if !strings.HasPrefix(got[i].Because, `"https://evil.example" is not among the allowed origins`) {
			t.Errorf("%s: because %s", name, got[i].Because)
		}
		got[i].At, got[i].Because = time.Time{}, ""
		want := entry{
			Framework: name, Kind: "preflight", Method: "OPTIONS", Path: "/items", Origin: "https://evil.example",
			Reason: "origin-not-allowed", Status: 403,
		}
		if got[i] != want {
			t.Errorf("got %+v, want %+v", got[i], want)
		}
	}
}

// TestExchangeOfALine checks that the id of a line in the log leads to its exchange, as long as
// that is kept.
func TestExchangeOfALine(t *testing.T) {
	p := serve(t)
	origin := p.control.origins()[0]
	for _, c := range p.control.columns {
		request(t, "GET", fmt.Sprintf("http://localhost:%d/items?t=x", c.Port), "", "Origin", "https://evil.example")
	}
	for id, want := range map[string]string{
		"1": "", // the policy that was applied at the start
		"2": "gin", "9": "net/http", "10": "", "-1": "", "x": "",
	} {
		status, body := request(t, "GET", origin+"/control/exchanges?id="+id, "")
		var got struct{ Exchanges []*exchange }
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 {
			t.Fatalf("%s: got %d %s, %v", id, status, body, err)
		}
		switch {
		case want == "" && len(got.Exchanges) != 0:
			t.Errorf("%s: got %s, want nothing", id, body)
		case want != "" && (len(got.Exchanges) != 1 || got.Exchanges[0].Framework != want):
			t.Errorf("%s: got %s, want the exchange of %s", id, body, want)
		}
	}
}
