package benchmarks

import (
	"net/http"
	"time"

	"github.com/jub0bs/cors"
)

func jub0bs(p *Policy) (func(http.Handler) http.Handler, error) {
	if p.Func != nil {
		return nil, ErrUnsupported
	}
	m, err := cors.NewMiddleware(cors.Config{
		Origins:         p.Origins,
		Methods:         p.Methods,
		RequestHeaders:  p.Headers,
		ResponseHeaders: p.Expose,
		Credentialed:    p.Credentials,
		MaxAgeInSeconds: int(p.MaxAge / time.Second),
	})
	if err != nil {
		return nil, err
	}
	return m.Wrap, nil
}
