package api

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// CookieName is the name of the cookie that Login returns. Pass its value to Me.
const CookieName = "session"

const maxSessions = 100

type session struct{ token, name string }

type person struct {
	Name string `json:"name"`
}

// Login logs in under the name in the body, without a password, and responds with the name. It also
// returns the cookie to set, or nil if the body was refused. For a framework with its own cookie
// type, Cookie.String is the value of Set-Cookie.
func (s *Store) Login(contentType string, body io.Reader) (*http.Cookie, Response) {
	const example = `{"name":"ada"}`
	var p person
	if refusal, ok := decode(contentType, body, &p, example); !ok {
		return nil, refusal
	}
	p.Name = strings.TrimSpace(p.Name)
	switch {
	case p.Name == "":
		return nil, refuse(http.StatusBadRequest, `"name" is missing or blank; send JSON such as %s`, example)
	case utf8.RuneCountInString(p.Name) > maxName:
		return nil, refuse(http.StatusBadRequest, `"name" has more than %d characters`, maxName)
	}
	token := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions) >= maxSessions {
		s.sessions = s.sessions[1:]
	}
	s.sessions = append(s.sessions, session{token, p.Name})
	return &http.Cookie{
		Name:     CookieName,
		Value:    token,
		Path:     "/",
		HttpOnly: true,
		// With SameSite=None, browsers send the cookie with requests from pages of other sites. They
		// require Secure for that, and accept it from http://localhost and http://127.0.0.1 too.
		SameSite: http.SameSiteNoneMode,
		Secure:   true,
	}, Response{http.StatusOK, p}
}

// Me responds with the name of the person who is logged in. token is the value of the cookie, or
// "".
func (s *Store) Me(token string) Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.sessions {
		if known.token == token {
			return Response{http.StatusOK, person{known.name}}
		}
	}
	return refuse(http.StatusUnauthorized, `nobody is logged in; POST {"name":"ada"} to /login first`)
}
