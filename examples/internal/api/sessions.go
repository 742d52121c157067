package api

import (
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// CookieName is the name of the cookie that Login returns. Its value is for Me.
const CookieName = "session"

const maxSessions = 100

type session struct{ token, name string }

type person struct {
	Name string `json:"name"`
}

// Login believes the name in the body, and answers with it and the cookie to set, nil if there is none. Where a
// framework has a cookie type of its own, Cookie.String is the value of Set-Cookie.
func (s *Store) Login(contentType string, body io.Reader) (*http.Cookie, Answer) {
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
		// Pages of another site get the cookie sent with SameSite=None only, and browsers accept that only together with Secure.
		// They take Secure from http://localhost and http://127.0.0.1 too.
		SameSite: http.SameSiteNoneMode,
		Secure:   true,
	}, Answer{http.StatusOK, p}
}

// Me answers with who is logged in. token is the value of the cookie, "" without one.
func (s *Store) Me(token string) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, session := range s.sessions {
		if session.token == token {
			return Answer{http.StatusOK, person{session.name}}
		}
	}
	return refuse(http.StatusUnauthorized, `nobody is logged in; POST {"name":"ada"} to /login first`)
}
