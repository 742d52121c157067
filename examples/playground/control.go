package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
	explainer "github.com/polycors/cors/examples/playground/question"
)

//go:embed page
var embedded embed.FS

// control serves the page, and lets the page read and change the policy, read the exchanges, and
// follow the decisions in a stream.
type control struct {
	port    int // of the page
	columns []column
	policy  *policy
	journal *journal
}

// column is a framework and the port of its server.
type column struct {
	Name string `json:"name"`
	Port int    `json:"port"`
}

// origins returns the two origins that serve the page. The starting policy allows the first.
func (c *control) origins() [2]string {
	return [2]string{"http://localhost:" + strconv.Itoa(c.port), "http://127.0.0.1:" + strconv.Itoa(c.port)}
}

func (c *control) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", c.assets())
	mux.HandleFunc("GET /control/state", c.getState)
	mux.HandleFunc("PUT /control/policy", c.putPolicy)
	mux.HandleFunc("POST /control/shut", c.postShut)
	mux.HandleFunc("GET /control/exchanges", c.getExchanges)
	mux.HandleFunc("GET /control/events", c.getEvents)
	mux.HandleFunc("POST /explain", c.postExplain)
	return c.guarded(mux)
}

// guarded refuses requests from other websites. They may open the page, as a link does, and nothing
// else.
func (c *control) guarded(next http.Handler) http.Handler {
	protection, err := core.NewCSRFProtection(core.CSRFConfig{}) // trusts nobody
	if err != nil {
		panic(err)
	}
	next = corshttp.Middleware(protection)(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A hostname of somebody else may resolve to this machine. Its pages would be same-origin
		// with the playground under that name.
		if !slices.Contains(c.hosts(), r.Host) {
			http.Error(w, "open "+c.origins()[0], http.StatusMisdirectedRequest)
			return
		}
		site, from := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Origin")
		own := site == "same-origin" || site == "" && (from == "" || from == "http://"+r.Host)
		if strings.HasPrefix(r.URL.Path, "/control/") && !own {
			http.Error(w, "only the page of the playground may ask this", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (c *control) hosts() []string {
	origins := c.origins()
	return []string{strings.TrimPrefix(origins[0], "http://"), strings.TrimPrefix(origins[1], "http://")}
}

// assets serves the files of the page.
func (c *control) assets() http.Handler {
	files, err := fs.Sub(embedded, "page")
	if err != nil {
		panic(err)
	}
	serve := http.FileServerFS(files)
	// The sandboxed frame has the origin "null", and browsers load modules in CORS mode. So even
	// its own scripts need permission.
	scripts := corshttp.New(corshttp.Config{AllowOrigins: []string{"*"}})(serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store") // the files change with the program, and their URLs do not
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", c.contentPolicy(r.URL.Path == "/frame.html"))
		switch r.URL.Path {
		case "/frame.js", "/send.js":
			scripts.ServeHTTP(w, r)
		default:
			serve.ServeHTTP(w, r)
		}
	})
}

// contentPolicy returns a Content-Security-Policy that allows only the playground's own files and
// servers. It lists the origins, because 'self' matches nothing in a sandboxed frame.
func (c *control) contentPolicy(frame bool) string {
	origins := c.origins()
	pages := origins[0] + " " + origins[1]
	connect := "connect-src 'self'"
	for _, api := range c.columns {
		connect += fmt.Sprintf(" http://localhost:%d http://127.0.0.1:%[1]d", api.Port)
	}
	embedding := "; frame-ancestors 'none'"
	if frame {
		embedding = "; frame-ancestors " + pages
	}
	return "default-src 'none'; script-src " + pages + "; style-src " + pages + "; img-src 'self' data:; " +
		"frame-src " + pages + "; " + connect + embedding + "; base-uri 'none'; form-action 'none'"
}

func (c *control) getState(w http.ResponseWriter, _ *http.Request) {
	text, generation := c.policy.state()
	origins := c.origins()
	writeJSON(w, http.StatusOK, map[string]any{
		"columns":    c.columns,
		"origins":    origins,
		"policy":     text,
		"starting":   startingPolicy(origins[0]),
		"generation": generation,
	})
}

// putPolicy applies the body as the policy. If it is invalid, nothing changes.
func (c *control) putPolicy(w http.ResponseWriter, r *http.Request) {
	text, ok := readText(r.Body, maxBody)
	if !ok {
		tooLarge := problem{Place: "settings", Rule: "this has more than 64 KiB", Fix: "leave something out"}
		writeJSON(w, http.StatusRequestEntityTooLarge, map[string]any{"problems": []problem{tooLarge}})
		return
	}
	problems := c.policy.apply(text)
	if problems != nil {
		writeJSON(w, http.StatusUnprocessableEntity, map[string]any{"problems": problems})
		return
	}
	_, generation := c.policy.state()
	writeJSON(w, http.StatusOK, map[string]any{"generation": generation})
}

// postShut makes one path of the page unreadable, or readable again. The grid uses it to test that
// a policy can be reloaded.
func (c *control) postShut(w http.ResponseWriter, r *http.Request) {
	id := cleanToken(r.URL.Query().Get("id"))
	if id == "" {
		http.Error(w, "id is missing", http.StatusBadRequest)
		return
	}
	if err := c.policy.setShut(shutPrefix+id, r.URL.Query().Get("shut") == "true"); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// getExchanges returns the exchanges that one request of the page led to, and what the page must
// have been able to read. If the query has an id, it returns the exchange of that line of the log.
func (c *control) getExchanges(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	var chain []*exchange
	if token := cleanToken(q.Get("t")); token != "" {
		chain = c.journal.chain(token)
	} else if id, err := strconv.ParseUint(q.Get("id"), 10, 64); err == nil {
		chain = c.journal.exchange(id)
	}
	asked := question{credentials: q.Get("credentials") == "include", header: q.Get("header")}
	writeJSON(w, http.StatusOK, map[string]any{
		"exchanges": append([]*exchange{}, chain...), // [] and not null
		"promise":   promised(chain, asked),
	})
}

// postExplain explains a request under a policy. Both are in the body. Like every POST, it is
// refused by the CSRF protection if it comes from another origin.
func (c *control) postExplain(w http.ResponseWriter, r *http.Request) {
	text, ok := readText(r.Body, explainer.MaxSize)
	if !ok {
		http.Error(w, "the question is too long", http.StatusRequestEntityTooLarge)
		return
	}
	writeRaw(w, http.StatusOK, explainer.Explain(r.Context(), []byte(text)))
}

// entry is a line of the log.
type entry struct {
	Framework string    `json:"framework"`
	At        time.Time `json:"at"`
	Kind      string    `json:"kind"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Origin    string    `json:"origin"`
	Allowed   bool      `json:"allowed"`
	Reason    string    `json:"reason"`
	Because   string    `json:"because"`
	Status    int       `json:"status"`
}

const heartbeat = 15 * time.Second // finds clients that disconnected silently

// getEvents streams decisions until the client disconnects or the playground stops.
func (c *control) getEvents(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64)
	missed, events, leave, err := c.journal.subscribe(after)
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	s := stream{w, http.NewResponseController(w)}
	if s.send(": hello\n\n") != nil {
		return
	}
	for _, e := range missed {
		if s.event(e) != nil {
			return
		}
	}
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-ticker.C:
			err = s.send(": still here\n\n")
		case e, ok := <-events:
			if !ok {
				return
			}
			err = s.event(e)
		}
		if err != nil {
			return
		}
	}
}

// stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (s stream) event(e event) error {
	name, data := "policy", any(map[string]int{"generation": e.policy})
	if x := e.exchange; x != nil {
		d := x.Decision
		path, _, _ := strings.Cut(x.Target, "?")
		name = "decision"
		data = entry{x.Framework, x.At, d.Kind, x.Method, path, d.Origin, d.Decision.Allowed(), d.Reason, d.Because, x.Status}
	}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.send(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.id, name, text))
}

// send writes and flushes. It returns an error if the client does not read.
func (s stream) send(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(heartbeat)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeRaw(w, status, data)
}

// writeRaw writes data, which is JSON.
func writeRaw(w http.ResponseWriter, status int, data []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(data) // an error means that the client has gone
}
