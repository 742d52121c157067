package core

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
	"github.com/polycors/cors/core/internal/route"
)

// checkPath explains why a path is refused that routers may interpret in different ways. If the
// path can be cleaned so that only one interpretation remains, checkPath suggests the cleaned path
// and sets x.policy to the policy that applies to it. Otherwise, x.policy remains nil.
func (x *explainer) checkPath() {
	const unknown = "routers could choose different handlers for this path: "
	readings := x.top.routes.table.Read(x.r.Path, x.r.RawPath)
	a, b := readings.Disagreement()
	switch {
	case readings.Unknown() != "":
		x.blame("path", readings.Unknown(), "", "")
	case a.Lenient != b.Lenient:
		x.blame("path", fmt.Sprintf(unknown+"%s, it matches %s; %s, it matches %s",
			x.how(a), x.top.routeName(a.Lenient), x.how(b), x.top.routeName(b.Lenient)), "", "")
	default:
		x.blame("path", fmt.Sprintf(unknown+"if a trailing slash is ignored, it matches %s; otherwise, it matches %s",
			x.top.routeName(a.Lenient), x.top.routeName(a.Strict)), "", "")
		x.e.Field = "Routes"
		x.cannot("add a route for exactly this path")
		return
	}
	x.e.Field = "Routes"
	switch {
	case !strings.HasPrefix(x.r.Path, "/"):
		x.cannot("request a path that begins with a slash")
		return
	case len(x.r.Path) > maxValue:
		x.cannot("request a shorter path")
		return
	}
	clean := path.Clean(x.r.Path)
	switch last := x.r.Path[strings.LastIndexByte(x.r.Path, '/')+1:]; last {
	case "", ".", "..":
		clean = strings.TrimSuffix(clean, "/") + "/"
	}
	readings = x.top.routes.table.Read(clean, "")
	if a, b := readings.Disagreement(); readings.Unknown() != "" || a.Lenient != b.Lenient {
		x.cannot("percent-encode the path only once, and only the characters that need it")
		return
	}
	instead := sentPath(clean, "")
	x.send("Path", instead, "request "+instead+" instead, if that is the intended path")
	id, ok := readings.Route()
	if !ok {
		x.cannot("add a route for exactly that path")
		return
	}
	x.underRoute(id)
	x.policy = x.top.policyOf(id)
}

// how describes how a router arrives at an interpretation of the path, such as `percent-decoded` or
// `without "//"`.
func (x *explainer) how(r route.Reading) string {
	how := r.How()
	if sentPath(x.r.Path, x.r.RawPath) != x.r.Path {
		return how
	}
	// Nothing in the path is encoded, so decoding it once changes nothing.
	how = strings.TrimPrefix(strings.TrimPrefix(how, "percent-decoded"), " ")
	return cmp.Or(how, "as sent")
}

// routeName returns the name of a route for use in Because, such as `Routes[1] ("/admin/")`.
func (p *Policy) routeName(id int) string {
	if id < 0 {
		return "no route"
	}
	return fmt.Sprintf("Routes[%d] (%s)", id, clip.Quoted(p.pathOf(id)))
}
