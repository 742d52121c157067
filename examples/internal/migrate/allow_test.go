package migrate

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
)

// TestAllow checks what docs/migrate/echo.md says about the header Allow: if a path has routes for
// other methods only, echo's own middleware copies it to preflights, and Polycors does not send it.
func TestAllow(t *testing.T) {
	v4 := func(use func(*echo.Echo)) http.Handler {
		e := echo.New()
		use(e)
		e.PUT("/items", echo.WrapHandler(http.HandlerFunc(handler)))
		return e
	}
	v5 := func(use func(*echo5.Echo)) http.Handler {
		e := echo5.New()
		use(e)
		e.PUT("/items", echo5.WrapHandler(http.HandlerFunc(handler)))
		return e
	}
	for _, tt := range []struct {
		name    string
		handler http.Handler
		want    string
	}{
		{"echo v4, before", v4(beforeEcho), "OPTIONS, PUT"},
		{"echo v4, after", v4(afterEcho), ""},
		{"echo v5, before", v5(beforeEcho5), "OPTIONS, PUT"},
		{"echo v5, after", v5(afterEcho5), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("OPTIONS", "/items", nil)
			r.Header.Set("Origin", app)
			r.Header.Set("Access-Control-Request-Method", "PUT")
			w := httptest.NewRecorder()
			tt.handler.ServeHTTP(w, r)
			if got := w.Header().Get("Allow"); w.Code != 204 || got != tt.want {
				t.Errorf("got %d and Allow %q, want 204 and %q", w.Code, got, tt.want)
			}
		})
	}
}
