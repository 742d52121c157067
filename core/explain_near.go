package core

import (
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/near"
	"github.com/polycors/cors/core/internal/origin"
	"github.com/polycors/cors/core/internal/route"
)

// similar describes what the client may have meant by an origin that is not allowed, such as an
// allowed origin with another port. The zero value means that nothing similar was found.
type similar struct {
	nearest string // the value of Explanation.Nearest
	why     string // ends the sentence that says that the origin is not allowed
	first   string // the beginning of Fix, such as "correct the spelling, or "
}

// newSimilar creates a similar for an allowed origin or entry. In the explanation, the argument why
// follows the words `but "https://app.example.com" is`. For example, why is " (with another port)".
func newSimilar(allowed, why string) similar {
	return similar{nearest: allowed, why: ", but " + strconv.Quote(allowed) + " is" + why}
}

// misspelled is like [newSimilar], for an entry whose spelling is close to that of the refused
// origin.
func misspelled(entry, why string) similar {
	s := newSimilar(entry, why)
	s.first = "correct the spelling, or "
	return s
}

// similarTo searches for an origin or a route that the client may have meant by an origin that is
// not allowed.
func (x *explainer) similarTo(text string) similar {
	if s := x.onOtherPath(text); s.nearest != "" {
		return s
	}
	o, ok := origin.Parse(text)
	if ok {
		if s := variant(o, x.policy.lists); s.nearest != "" {
			return s
		}
	}
	if s := x.policy.sameApp(text); s.nearest != "" {
		return s
	}
	switch {
	case text == "null":
		return similar{why: "; browsers send it from sandboxed frames and local files, and after some redirects"}
	case !ok: // file://
		return similar{why: "; apps send it when a page is loaded from a local file"}
	}
	if s := x.policy.nearestListed(o, text); s.nearest != "" {
		return s
	}
	if _, called := x.trace.lookups[text]; called && x.policy.allowFunc != nil {
		return similar{why: ", and AllowOriginFunc did not allow it"}
	}
	return similar{}
}

// lists reports whether one of the lists of origins and expressions allows the origin.
func (p *Policy) lists(text string) bool {
	if _, ok := p.origins.Exact(text); ok {
		return true
	}
	o, ok := origin.Parse(text)
	return ok && p.matches(o, text)
}

// onOtherPath searches for a route that allows the origin on other paths. A route that allows every
// origin counts only if its paths look similar to the path of the request.
func (x *explainer) onOtherPath(text string) similar {
	if x.top.routes == nil {
		return similar{}
	}
	for id, q := range x.top.routes.policies {
		if q == nil || id == x.id || !q.any && !q.lists(text) {
			continue
		}
		why, subtree := nearPath(x.top.pathOf(id), x.r.Path)
		if why == "" {
			continue
		}
		s := similar{
			nearest: x.top.routeName(id), why: "; " + x.top.routeName(id) + " allows it, but " + why,
			first: "correct the path, or ",
		}
		if subtree != "" {
			s.first = "set Routes[" + strconv.Itoa(id) + "].Path to " + strconv.Quote(subtree) + ", or "
		}
		return s
	}
	const otherPaths = " allows it, but does not apply to this path"
	for id, q := range x.top.routes.policies {
		if q != nil && id != x.id && q.lists(text) {
			return similar{nearest: x.top.routeName(id), why: "; " + x.top.routeName(id) + otherPaths}
		}
	}
	if x.id != route.None && x.top.fallback && x.top.lists(text) {
		return similar{nearest: "the top level", why: "; the top level" + otherPaths}
	}
	return similar{}
}

// nearPath compares a path with a route that does not apply to it. If the difference is a common
// mistake, such as a missing, additional or misspelled segment, why describes it. Otherwise, why is
// "". The argument pattern is a Path or a PathRegex.
//
// If pattern is a Path without a slash at its end, and the path is below it, subtree is the
// corrected Path, with the slash.
func nearPath(pattern, path string) (why, subtree string) {
	if strings.ContainsAny(pattern, `\*+?()|[^`) || len(path) > maxValue {
		return "", ""
	}
	all := strings.HasSuffix(pattern, "/") || strings.HasSuffix(pattern, "...}")
	if i := strings.LastIndexByte(pattern, '/'); strings.HasSuffix(pattern, "...}") {
		pattern = pattern[:i]
	}
	want, got := segments(pattern), segments(path)
	begins := func(got, want []string) bool {
		return len(got) >= len(want) && slices.ContainsFunc(want, isLiteral) &&
			slices.EqualFunc(want, got[:len(want)], isSegment)
	}
	fits := func(want, got []string) bool { return begins(got, want) && (all || len(got) == len(want)) }
	switch {
	case len(want) == 0 || len(got) == 0 || strings.HasSuffix(pattern, "{$}"):
		return "", ""
	case !all && len(got) > len(want) && begins(got, want):
		return "does not apply to the paths below it", pattern + "/"
	case fits(want, got[1:]):
		return "the path has " + clip.Quoted("/"+got[0]) + " before it", ""
	case fits(want[1:], got):
		return "the path lacks " + strconv.Quote("/"+want[0]) + " at its beginning", ""
	}
	for i := range want[:min(len(want), len(got))] {
		corrected := slices.Clone(got)
		corrected[i] = want[i]
		limit := near.Limit(want[i])
		if d := near.Distance(got[i], want[i], limit); d > 0 && d <= limit && fits(want, corrected) {
			return "the path has " + clip.Quoted(got[i]) + " instead of " + strconv.Quote(want[i]), ""
		}
	}
	return "", ""
}

// segments returns the segments of a path that are not empty.
func segments(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

// isLiteral reports whether a segment of a pattern is not a wildcard.
func isLiteral(want string) bool { return !strings.HasPrefix(want, "{") }

// isSegment reports whether a segment of a pattern matches a segment of a path.
func isSegment(want, got string) bool { return !isLiteral(want) || strings.EqualFold(want, got) }

// apps lists the origins that the same app has on different platforms or in different versions.
var apps = [...]struct {
	origins []string
	why     string
}{
	{
		// capacitorjs.com/docs/config
		[]string{"capacitor://localhost", "https://localhost", "http://localhost"},
		"Capacitor apps use capacitor://localhost on iOS, and https://localhost on Android (http://localhost before " +
			"Capacitor 6)",
	},
	{
		[]string{"capacitor://localhost", "ionic://localhost"}, // the same, iosScheme
		"iOS apps use capacitor://localhost with Capacitor and ionic://localhost with Ionic's plugin for Cordova",
	},
	{
		// github.com/ionic-team/cordova-plugin-ionic-webview
		[]string{"ionic://localhost", "http://localhost"},
		"with Ionic's plugin, Cordova apps use ionic://localhost on iOS and http://localhost on Android",
	},
	{
		// github.com/apache/cordova-android/pull/1137
		[]string{"app://localhost", "https://localhost", "file://"},
		"Cordova apps use app://localhost on iOS and https://localhost on Android (file:// in old versions)",
	},
	{
		// v2.tauri.app, useHttpsScheme
		[]string{"tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"},
		"Tauri apps use tauri://localhost on macOS, Linux and iOS, and http://tauri.localhost on Windows and Android",
	},
	{
		[]string{"null", "file://"},
		"for pages from local files, browsers send null, and some apps send file://",
	},
}

// sameApp searches for an allowed origin of the same app on another platform.
func (p *Policy) sameApp(text string) similar {
	for _, app := range apps {
		if !slices.Contains(app.origins, text) {
			continue
		}
		for _, other := range app.origins {
			if p.lists(other) {
				return newSimilar(other, "; "+app.why)
			}
		}
	}
	return similar{}
}

// loopbacks are the usual names of the machine on which the browser runs.
var loopbacks = [...]string{"localhost", "127.0.0.1", "[::1]"}

// variant searches for an allowed origin that differs from o in one respect, such as the scheme or
// "www.".
func variant(o origin.Origin, allows func(string) bool) similar {
	if text := serialize(o.Scheme, strings.TrimRight(o.Host, "."), o.Port); o.EmptyLabel && allows(text) {
		return newSimilar(text, " (without the dot at the end)")
	}
	if !o.IP && allows(serialize(o.Scheme, "x-probe."+o.Host, o.Port)) {
		return newSimilar(serialize(o.Scheme, "*."+o.Host, o.Port), ", which matches only subdomains")
	}
	type candidate struct {
		scheme, host string
		port         uint16
		why          string
	}
	var list []candidate
	if other := map[string]string{"http": "https", "https": "http"}[o.Scheme]; other != "" {
		list = append(list, candidate{other, o.Host, o.Port, " (with " + other + " instead of " + o.Scheme + ")"})
		if o.Port != 0 {
			list = append(list, candidate{o.Scheme, o.Host, 0, " (without the port)"},
				candidate{other, o.Host, 0, " (with " + other + " and without the port)"})
		}
	}
	if host, found := strings.CutPrefix(o.Host, "www."); found {
		list = append(list, candidate{o.Scheme, host, o.Port, ` (without "www.")`})
	} else if !o.IP {
		list = append(list, candidate{o.Scheme, "www." + o.Host, o.Port, ` (with "www.")`})
	}
	if slices.Contains(loopbacks[:], o.Host) && (o.Scheme == "http" || o.Scheme == "https") {
		for _, host := range loopbacks {
			list = append(list, candidate{o.Scheme, host, o.Port,
				"; browsers treat " + o.Host + " and " + host + " as different origins"})
		}
	}
	for _, c := range list {
		if text := serialize(c.scheme, c.host, c.port); allows(text) {
			s := newSimilar(text, c.why)
			if c.scheme == "https" || origin.IsLoopback(c.host) {
				s.first = "open the page at " + strconv.Quote(text) + ", or "
			}
			return s
		}
	}
	if o.IP {
		return similar{}
	}
	for parent, n := o.Host, 0; n < 8; n++ {
		var more bool
		if _, parent, more = strings.Cut(parent, "."); !more {
			break
		}
		if text := serialize(o.Scheme, parent, o.Port); allows(text) {
			return newSimilar(text, ", which does not include its subdomains")
		}
	}
	return similar{}
}

// serialize writes an origin as browsers do, without the default port of its scheme.
func serialize(scheme, host string, port uint16) string {
	if port == 0 || port == origin.DefaultPort(scheme) {
		return scheme + "://" + host
	}
	return scheme + "://" + host + ":" + strconv.Itoa(int(port))
}

// nearestListed searches the lists of origins for an entry that matches o with another port, or
// else for one with a similar spelling. It looks only at the first maxConfigured entries of each
// list.
func (p *Policy) nearestListed(o origin.Origin, text string) (found similar) {
	asked := origin.Pattern{Kind: origin.Exact, Text: text, Scheme: o.Scheme, Host: o.Host, Port: o.Port}
	best := near.Limit(o.Host) + 1
	for _, entry := range slices.Concat(p.configured.origins, p.configured.dangerousOrigins) {
		pattern, bad := origin.ParsePattern(entry)
		if bad != nil || pattern.Scheme == "" {
			continue
		}
		onAnyPort := pattern
		onAnyPort.Port, onAnyPort.AnyPort, onAnyPort.Text = 0, true, ""
		switch {
		case onAnyPort.Covers(asked):
			return newSimilar(entry, " (with another port)")
		case pattern.Kind == origin.Exact:
			if d := near.Distance(text, entry, best-1); d < best {
				best, found = d, misspelled(entry, " (with a similar spelling)")
			}
		case pattern.Scheme == o.Scheme:
			if d := near.Distance(tail(o.Host, pattern.Host), pattern.Host, best-1); d > 0 && d < best {
				best, found = d, misspelled(entry, " (with a similar domain)")
			}
		}
		if found.nearest == "" && pattern.Kind == origin.Exact && pattern.Scheme == o.Scheme &&
			origin.IsLoopback(o.Host) && origin.IsLoopback(pattern.Host) {
			found = newSimilar(entry, "; both are on the visitor's machine, but the host and the port must match")
		}
	}
	return found
}

// tail returns the last n labels of host, where n is the number of labels of like. It returns "" if
// host does not have more than n labels.
func tail(host, like string) string {
	for extra := strings.Count(host, ".") - strings.Count(like, "."); extra > 0; extra-- {
		_, host, _ = strings.Cut(host, ".")
		if extra == 1 {
			return host
		}
	}
	return ""
}
