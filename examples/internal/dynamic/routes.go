package main

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/adapters/corshttp"
	"github.com/polycors/cors/examples/internal/api"
)

const (
	maxBody   = 4 << 20
	maxTenant = 100 // bytes of a name
)

func routes(t *tenants, items *api.Store, token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /items", func(w http.ResponseWriter, _ *http.Request) {
		all := items.Items()
		w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
		reply(w, http.StatusOK, all)
	})
	mux.HandleFunc("POST /items", func(w http.ResponseWriter, r *http.Request) {
		respond(w, items.Add(r.Header.Get("Content-Type"), r.Body))
	})
	mux.HandleFunc("PUT /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		respond(w, items.Replace(r.PathValue("id"), r.Header.Get("Content-Type"), r.Body))
	})
	mux.HandleFunc("DELETE /items/{id}", func(w http.ResponseWriter, r *http.Request) {
		respond(w, items.Delete(r.PathValue("id")))
	})

	admin := http.NewServeMux()
	admin.HandleFunc("GET /admin/origins", t.serveEntries)
	admin.HandleFunc("POST /admin/origins", t.serveAdd)
	admin.HandleFunc("DELETE /admin/origins", t.serveRemove)
	mux.Handle("/admin/", authorized(token, admin))

	// The middleware wraps the whole mux, and the policy disables CORS for /admin/. t.live is the
	// Decider, so each request is decided by the policy that is in force.
	return corshttp.Middleware(&t.live)(mux)
}

// authorized requires the token in Authorization. Unlike a cookie, a browser does not add it by
// itself, so a page of another site cannot misuse it.
func authorized(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token)) // so that the time does not depend on the length
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "send the token that was printed at the start: Authorization: Bearer …", nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// serveEntries responds with the entries of the table. The policy for them is in force by then.
func (t *tenants) serveEntries(w http.ResponseWriter, r *http.Request) {
	entries, err := t.refresh(context.WithoutCancel(r.Context()))
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, struct {
		Entries []entry `json:"entries"`
	}{entries})
}

func (t *tenants) serveAdd(w http.ResponseWriter, r *http.Request) {
	const example = `{"tenant":"acme","origins":["https://app.acme.example"]}`
	var body struct {
		Tenant  string   `json:"tenant"`
		Origins []string `json:"origins"`
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(&body)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more than one value")
		}
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", maxBody), nil)
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, fmt.Sprintf("the body cannot be used (%v); send JSON such as %s", err, example), nil)
		return
	case !isTenant(body.Tenant) || len(body.Origins) == 0:
		text := fmt.Sprintf("name a tenant, in at most %d bytes, and one origin at least: %s", maxTenant, example)
		refuse(w, http.StatusBadRequest, text, nil)
		return
	}
	// A change that has begun is completed even if the client goes away.
	n, err := t.add(context.WithoutCancel(r.Context()), body.Tenant, body.Origins)
	if err != nil {
		failed(w, err)
		return
	}
	reply(w, http.StatusOK, struct {
		Added int `json:"added"`
	}{n})
}

func (t *tenants) serveRemove(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	tenant, origins := query.Get("tenant"), query["origin"]
	if !isTenant(tenant) || slices.Contains(origins, "") {
		refuse(w, http.StatusBadRequest, "name the tenant, and an origin unless all are meant: "+
			"/admin/origins?tenant=acme&origin=https://app.acme.example", nil)
		return
	}
	n, still, err := t.remove(context.WithoutCancel(r.Context()), tenant, origins)
	if err != nil {
		failed(w, err)
		return
	}
	status := http.StatusOK
	if n == 0 {
		status = http.StatusNotFound
	}
	reply(w, status, struct {
		Removed      int      `json:"removed"`
		StillAllowed []string `json:"still_allowed"` // by another entry
	}{n, still})
}

func isTenant(name string) bool {
	return strings.TrimSpace(name) != "" && len(name) <= maxTenant
}

// failed responds to a change or a read that failed.
func failed(w http.ResponseWriter, err error) {
	var problems invalid
	switch {
	case errors.As(err, &problems):
		refuse(w, http.StatusBadRequest, "nothing was added, because these origins are invalid", problems)
	case errors.Is(err, errFull):
		refuse(w, http.StatusConflict, err.Error(), nil)
	default:
		text := fmt.Sprintf("the database does not answer, and the last policy stays in force: %v", err)
		refuse(w, http.StatusServiceUnavailable, text, nil)
	}
}

func refuse(w http.ResponseWriter, status int, text string, problems invalid) {
	reply(w, status, struct {
		Error    string  `json:"error"`
		Problems invalid `json:"problems,omitempty"`
	}{text, problems})
}

// respond writes the response of a route of the items.
func respond(w http.ResponseWriter, r api.Response) { reply(w, r.Status, r.Body) }

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an error means that the client has gone
}
