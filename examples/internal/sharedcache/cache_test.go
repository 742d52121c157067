package sharedcache

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is an HTTP request.
type request struct {
	method, host, target string
	header               http.Header
}

// response is an HTTP response.
type response struct {
	status int
	header http.Header
	body   string
}

// cache is a shared cache that follows RFC 9111 exactly. It stores everything that it may store,
// because the more it reuses, the more damage a wrong Vary does. Its clock moves only when the test
// moves it.
type cache struct {
	now    time.Duration
	stored map[string][]entry // by host and target
}

// entry is a stored response and the request for it.
type entry struct {
	request  request
	response response
	at       time.Duration
	lifetime time.Duration
}

// heuristic is the lifetime of a response that does not state one (section 4.2.2).
const heuristic = 10 * time.Second

// heuristicStatuses lists the statuses that are cacheable unless the response says otherwise (RFC
// 9110, section 15.1), except 206.
var heuristicStatuses = []int{200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501}

// find returns a stored response that may be sent without asking the server (section 4). If there
// are several, it returns the most recent one.
func (c *cache) find(r request) (response, bool) {
	for _, e := range slices.Backward(c.stored[r.host+r.target]) {
		age := c.now - e.at
		if !e.answers(r.method) || !e.selects(r) || age >= e.lifetime || e.response.directives()["no-cache"] != nil {
			continue
		}
		found := response{status: e.response.status, header: maps.Clone(e.response.header), body: e.response.body}
		found.header["Age"] = []string{strconv.Itoa(int(age / time.Second))}
		if r.method == "HEAD" {
			found.body = ""
		}
		return found, true
	}
	return response{}, false
}

// answers reports whether the response for e's method may also be used for the given method
// (section 4; RFC 9110, section 9.3.2).
func (e *entry) answers(method string) bool {
	return method == e.request.method || method == "HEAD" && e.request.method == "GET"
}

// selects reports whether the fields that Vary names are the same in both requests (section 4.1).
func (e *entry) selects(r request) bool {
	for _, name := range members(e.response.header["Vary"]) {
		if name == "*" {
			return false
		}
		name = http.CanonicalHeaderKey(name)
		one, two := e.request.header[name], r.header[name]
		if (one == nil) != (two == nil) || strings.Join(one, ", ") != strings.Join(two, ", ") {
			return false
		}
	}
	return true
}

// receive stores a response of the server if that is allowed. It also removes what the request has
// made invalid (section 4.4), and what is stale.
func (c *cache) receive(r request, got response) (stored bool) {
	key := r.host + r.target
	if !slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, r.method) && got.status < 400 {
		delete(c.stored, key)
	}
	c.stored[key] = slices.DeleteFunc(c.stored[key], func(e entry) bool { return c.now-e.at >= e.lifetime })
	if !mayStore(r, got) {
		return false
	}
	c.stored[key] = append(c.stored[key], entry{request: r, response: got, at: c.now, lifetime: got.lifetime()})
	return true
}

// mayStore reports whether a shared cache may store the response (section 3).
func mayStore(r request, got response) bool {
	cc := got.directives()
	if r.method != "GET" && r.method != "HEAD" || got.status < 200 || got.status == 206 || got.status == 304 {
		return false
	}
	if cc["no-store"] != nil || cc["private"] != nil {
		return false
	}
	shared := cc["public"] != nil || cc["s-maxage"] != nil
	if r.header["Authorization"] != nil && !shared && cc["must-revalidate"] == nil { // section 3.5
		return false
	}
	return shared || cc["max-age"] != nil || slices.Contains(heuristicStatuses, got.status)
}

// lifetime returns how long the response is fresh in a shared cache (section 4.2.1).
func (r *response) lifetime() time.Duration {
	cc := r.directives()
	for _, name := range []string{"s-maxage", "max-age"} {
		if value := cc[name]; value != nil {
			seconds, err := strconv.Atoi(*value)
			if err != nil {
				return 0
			}
			return time.Duration(seconds) * time.Second
		}
	}
	return heuristic
}

// directives returns the directives of Cache-Control, in lower case. A directive without a value
// has "". The handlers of this test quote nothing.
func (r *response) directives() map[string]*string {
	directives := map[string]*string{}
	for _, member := range members(r.header["Cache-Control"]) {
		name, value, _ := strings.Cut(member, "=")
		directives[strings.ToLower(name)] = &value
	}
	return directives
}

// members returns the members of a list field.
func members(lines []string) (list []string) {
	for _, member := range strings.Split(strings.Join(lines, ","), ",") {
		if member = strings.Trim(member, " \t"); member != "" {
			list = append(list, member)
		}
	}
	return list
}
