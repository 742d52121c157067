package core_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/polycors/cors/core"
)

func TestProblems(t *testing.T) {
	_, invalid := core.New(core.Config{
		AllowOrigins: []string{"https://a.example/", "https://a.example", "b.example"},
		Routes:       []core.Route{{Path: "/x", Config: core.Config{AllowOrigins: []string{"*"}, MaxAge: 1}}},
	})
	for _, tt := range []struct {
		name string
		err  error
		want []string
	}{
		{"nil", nil, nil},
		{"another error", errors.New("no"), nil},
		{"one", &core.ConfigError{Field: "MaxAge", Index: -1}, []string{"MaxAge -1"}},
		{"New", invalid, []string{"Routes[0].Config.MaxAge -1", "AllowOrigins 0", "AllowOrigins 2"}},
		{
			"wrapped", fmt.Errorf("reading: %w", invalid),
			[]string{"Routes[0].Config.MaxAge -1", "AllowOrigins 0", "AllowOrigins 2"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for p := range core.Problems(tt.err) {
				got = append(got, fmt.Sprint(p.Field, " ", p.Index))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for p := range core.Problems(tt.err) { // may stop early
				_ = p
				break
			}
		})
	}
}
