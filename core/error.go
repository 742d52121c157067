package core

import (
	"iter"
	"strconv"
	"strings"
)

// ConfigError is one problem of a [Config]. [New] reports all of them at once, joined with [errors.Join]; errors.As finds
// the first.
type ConfigError struct {
	Field string // the name of the field, as in "AllowOrigins"
	Index int    // of the entry in that field; -1 if the problem is not about one entry
	Value string // what stands there; "" if there is nothing to show
	Rule  string // what it breaks
	Fix   string // what to write instead
}

// Error returns the problem in one line:
//
//	core: AllowOrigins[1]: "https://example.com/": an origin has no path; write "https://example.com"
func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("core: ")
	b.WriteString(e.Field)
	if e.Index >= 0 {
		b.WriteByte('[')
		b.WriteString(strconv.Itoa(e.Index))
		b.WriteByte(']')
	}
	if e.Index >= 0 || e.Value != "" {
		b.WriteString(": ")
		b.WriteString(strconv.Quote(e.Value))
	}
	b.WriteString(": ")
	b.WriteString(e.Rule)
	b.WriteString("; ")
	b.WriteString(e.Fix)
	return b.String()
}

// Problems returns the [*ConfigError] of each problem that err reports, in order. err is what [New], [NewProtection],
// Live.Reload or a function of package settings has returned.
func Problems(err error) iter.Seq[*ConfigError] {
	return func(yield func(*ConfigError) bool) { problems(err, yield) }
}

// problems yields what is in err until yield returns false, and then returns false.
func problems(err error, yield func(*ConfigError) bool) bool {
	switch e := err.(type) {
	case *ConfigError:
		return yield(e)
	case interface{ Unwrap() error }:
		return problems(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if !problems(err, yield) {
				return false
			}
		}
	}
	return true
}
