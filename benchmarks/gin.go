package benchmarks

import (
	"github.com/gin-gonic/gin"

	"github.com/polycors/cors/adapters/corsgin"
)

func serveGin(middleware ...gin.HandlerFunc) Server {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(middleware...)
	r.Any("/items", func(c *gin.Context) { c.Status(Handled) })
	return httpServer{r}
}

func floorGin(want Response) gin.HandlerFunc {
	lines := headerLines(want)
	return func(c *gin.Context) {
		write(c.Writer.Header(), lines)
		if want.Status != Handled {
			c.AbortWithStatus(want.Status)
		}
	}
}

func polycorsGin(p *Policy) (gin.HandlerFunc, error) {
	policy, err := polycors(p)
	if err != nil {
		return nil, err
	}
	return corsgin.Middleware(policy), nil
}
