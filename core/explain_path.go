package core

import (
	"fmt"
	"path"
	"strings"

	"github.com/polycors/cors/core/internal/clip"
)

// checkPath explains a path that routers may interpret in ways that lead to different routes. If
// the cleaned path can be interpreted in only one way, checkPath suggests it and sets x.policy to
// the policy that applies to it. Otherwise, x.policy remains nil.
func (x *explainer) checkPath() {
	const unknown = "it is not known to which handler the path leads: "
	readings := x.top.routes.table.Read(x.r.Path, x.r.RawPath)
	a, b := readings.Disagreement()
	switch {
	case readings.Unknown() != "":
		x.blame("path", readings.Unknown(), "", "")
	case a.Lenient != b.Lenient:
		x.blame("path", fmt.Sprintf(unknown+"%s it falls under %s, %s under %s",
			a.How(), x.top.routeName(a.Lenient), b.How(), x.top.routeName(b.Lenient)), "", "")
	default:
		x.blame("path", fmt.Sprintf(unknown+"where a slash at the end is ignored it falls under %s, elsewhere under %s",
			x.top.routeName(a.Lenient), x.top.routeName(a.Strict)), "", "")
		x.e.Field = "Routes"
		x.cannot("add a route for exactly this path, with or without the slash at its end")
		return
	}
	x.e.Field = "Routes"
	if !strings.HasPrefix(x.r.Path, "/") || len(x.r.Path) > maxValue {
		x.cannot("request a path that has one reading")
		return
	}
	clean := path.Clean(x.r.Path)
	switch last := x.r.Path[strings.LastIndexByte(x.r.Path, '/')+1:]; last {
	case "", ".", "..":
		clean = strings.TrimSuffix(clean, "/") + "/"
	}
	readings = x.top.routes.table.Read(clean, "")
	if a, b := readings.Disagreement(); readings.Unknown() != "" || a.Lenient != b.Lenient {
		x.cannot("request a path that has one reading: percent-encode it once")
		return
	}
	instead := sentPath(clean, "")
	x.send("Path", instead, "request "+instead+", if that is what is meant")
	id, ok := readings.Route()
	if !ok {
		x.cannot("add a route for exactly that path, with or without the slash at its end")
		return
	}
	x.underRoute(id)
	x.policy = x.top.policyOf(id)
}

// routeName returns the name of a route for use in Because, such as `Routes[1] ("/admin/")`.
func (p *Policy) routeName(id int) string {
	if id < 0 {
		return "no route"
	}
	return fmt.Sprintf("Routes[%d] (%s)", id, clip.Quoted(p.pathOf(id)))
}
