package benchmarks

import (
	"context"

	"github.com/polycors/cors/core"
)

// Compile returns the policy as one of this library. Every adapter takes it.
func (p *Policy) Compile() (*core.Policy, error) { return polycors(p) }

// polycors returns a policy of this library.
func polycors(p *Policy) (*core.Policy, error) {
	cfg := core.Config{
		AllowOrigins:     p.Origins,
		AllowMethods:     p.Methods,
		AllowHeaders:     p.Headers,
		ExposeHeaders:    p.Expose,
		AllowCredentials: p.Credentials,
		MaxAge:           p.MaxAge,
	}
	if p.Func != nil {
		cfg.AllowOriginFunc = func(_ context.Context, origin string, _ core.Request) (bool, error) {
			return p.Func(origin), nil
		}
	}
	return core.New(cfg)
}
