// Package deciders has Deciders that choose between policies.
package deciders

import (
	"context"
	"net"
	"net/http"
	"strings"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/core"
)

// ByHost has a policy for each host. Requests for other hosts have no policy.
type ByHost map[string]core.Decider

func (b ByHost) Decide(ctx context.Context, r core.Request) core.Decision {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host // it has no port
	}
	if policy, ok := b[strings.ToLower(host)]; ok {
		return policy.Decide(ctx, r)
	}
	return core.Decision{}
}

// ByOrigin has policies for certain origins, and one for all others.
type ByOrigin struct {
	Policies map[string]core.Decider
	Others   core.Decider
}

func (b ByOrigin) Decide(ctx context.Context, r core.Request) core.Decision {
	policy := b.Others
	if r.Header != nil {
		if p, ok := b.Policies[r.Header.Field("Origin")]; ok {
			policy = p
		}
	}
	d := policy.Decide(ctx, r)
	if d.Reason == core.ReasonNoPolicy {
		d.Reason = core.ReasonOriginNotAllowed // another origin may have a policy for this path
	}
	// The response depends on Origin, even if the policy of this origin does not.
	switch {
	case d.Vary == "":
		d.Vary = "Origin"
	case d.Vary != "*" && !strings.HasPrefix(d.Vary, "Origin"):
		d.Vary = "Origin, " + d.Vary
	}
	return d
}

// NewHandler allows pages of the app to do everything, and all others to read.
func NewHandler(mux http.Handler) (http.Handler, error) {
	const app = "https://app.example.com"
	full, err := core.New(core.Config{
		AllowOrigins: []string{app}, AllowMethods: []string{"PUT", "DELETE"}, AllowCredentials: true,
	})
	if err != nil {
		return nil, err
	}
	readOnly, err := core.New(core.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{}})
	if err != nil {
		return nil, err
	}
	cors := corshttp.Middleware(ByOrigin{map[string]core.Decider{app: full}, readOnly})
	return cors(mux), nil
}
