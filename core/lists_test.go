package core_test

import (
	"testing"

	"github.com/polycors/cors/core"
)

// TestNobody: an empty, non-nil AllowOrigins refuses every origin, and does not leave the response
// to the handler, as a Config does that says nothing about origins.
func TestNobody(t *testing.T) {
	nobody := core.Config{AllowOrigins: []string{}, ForbidDisallowed: true}
	public := core.Config{AllowOrigins: []string{"*"}}
	under := func(top core.Config, path string, cfg core.Config) core.Config {
		top.Routes = []core.Route{{Path: path, Config: cfg}}
		return top
	}
	for _, tt := range []struct {
		name   string
		cfg    core.Config
		path   string
		want   core.Reason
		status int
	}{
		{"top level", nobody, "/", core.ReasonOriginNotAllowed, 403},
		{"top level with routes", under(nobody, "/public/", public), "/private", core.ReasonOriginNotAllowed, 403},
		{"route beside that", under(nobody, "/public/", public), "/public/x", core.ReasonAllowed, 0},
		{"route", under(public, "/private/", nobody), "/private/x", core.ReasonOriginNotAllowed, 403},
		{"route alone", under(core.Config{}, "/private/", nobody), "/private/x", core.ReasonOriginNotAllowed, 403},
		{"nil with routes", under(core.Config{}, "/private/", nobody), "/", core.ReasonNoPolicy, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := get("Origin", app)
			r.Path = tt.path
			d := mustNew(t, tt.cfg).Decide(t.Context(), r)
			if d.Reason != tt.want || d.Status != tt.status {
				t.Errorf("got %v %d, want %v %d", d.Reason, d.Status, tt.want, tt.status)
			}
		})
	}
}
