package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// startingPolicy returns the policy that the playground starts with. It allows one of the two
// origins that serve the page.
func startingPolicy(origin string) string {
	return fmt.Sprintf(`{
  "allow_origins": [%q],
  "allow_methods": ["GET", "POST", "PUT", "PATCH", "DELETE"],
  "allow_headers": ["authorization", "content-type", "x-playground"],
  "expose_headers": ["X-Total-Count"],
  "allow_credentials": true,
  "max_age": "10m",
  "routes": [
    {"path": "/public/", "allow_origins": ["*"]},
    {"path": "/off/", "disable": true}
  ]
}
`, origin)
}

// policy is the policy of all servers. It has the text that was applied last. Its methods may be
// called concurrently.
type policy struct {
	live    core.Live
	applied func(generation int) // called with mu held, so in order

	mu         sync.Mutex
	text       string
	config     core.Config // of text
	shut       []string    // paths that no origin may read; len(shut) <= maxShut
	generation int         // the number of texts applied so far
}

// problem says why a text cannot be applied.
type problem struct {
	Place string `json:"place"` // the key, such as "routes[0].allow_origins[1]"
	Line  int    `json:"line"`  // of Place in the text; 0 if unknown
	Value string `json:"value,omitempty"`
	Rule  string `json:"rule"`
	Fix   string `json:"fix"`
}

// apply makes the text the policy of all servers. If it is invalid, apply returns all problems and
// changes nothing.
func (p *policy) apply(text string) []problem {
	s, err := settings.FromJSON([]byte(text))
	if err != nil {
		return problems(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.live.Reload(p.effective(s.CORS)); err != nil { // of {}, which FromJSON accepts
		all := problems(err)
		for i := range all {
			all[i].Place = keyOf(all[i].Place)
		}
		return all
	}
	p.text, p.config = text, s.CORS
	p.generation++
	if p.applied != nil {
		p.applied(p.generation)
	}
	return nil
}

var capital = regexp.MustCompile(`[a-z][A-Z]`)

// keyOf returns the JSON key of a field, such as "routes[0].allow_origins" for
// "Routes[0].Config.AllowOrigins".
func keyOf(field string) string {
	field = strings.ReplaceAll(field, ".Config.", ".")
	return strings.ToLower(capital.ReplaceAllStringFunc(field, func(s string) string { return s[:1] + "_" + s[1:] }))
}

const (
	maxShut    = 32
	shutPrefix = "/reload/" // of the paths that can be shut
)

// setShut makes a path unreadable for every origin, or readable again. Each open page does so for
// paths of its own, and does not disturb the others.
func (p *policy) setShut(path string, shut bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.shut
	p.shut = slices.DeleteFunc(slices.Clone(p.shut), func(s string) bool { return s == path })
	if shut {
		p.shut = append(p.shut, path)
		p.shut = p.shut[max(0, len(p.shut)-maxShut):] // drop the oldest, which a closed page may have left
	}
	err := p.live.Reload(p.effective(p.config))
	if err != nil {
		p.shut = before
	}
	return err
}

// effective returns the Config with a route for each path in shut. The caller has locked p.mu.
func (p *policy) effective(cfg core.Config) core.Config {
	if reflect.ValueOf(cfg).IsZero() {
		return cfg // core refuses it
	}
	cfg.Routes = slices.Clone(cfg.Routes)
	for _, path := range p.shut {
		nobody := core.Config{AllowOrigins: []string{"https://nobody.invalid"}}
		cfg.Routes = append(cfg.Routes, core.Route{Path: path, Config: nobody})
	}
	return cfg
}

// state returns the text of the policy in force, and its generation.
func (p *policy) state() (text string, generation int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text, p.generation
}

// problems returns the problems that err joins.
func problems(err error) (all []problem) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []problem{{Place: "settings", Rule: err.Error()}}
	}
	for _, err := range joined.Unwrap() {
		var e *core.ConfigError
		if !errors.As(err, &e) {
			all = append(all, problem{Place: "settings", Rule: err.Error()})
			continue
		}
		place := e.Field
		if e.Index >= 0 {
			place += "[" + strconv.Itoa(e.Index) + "]"
		}
		all = append(all, problem{place, e.Line, e.Value, e.Rule, e.Fix})
	}
	return all
}

// readText returns the body, and false if it has more than n bytes or cannot be read.
func readText(body io.Reader, n int64) (string, bool) {
	data, err := io.ReadAll(io.LimitReader(body, n+1))
	return string(data), err == nil && int64(len(data)) <= n
}
