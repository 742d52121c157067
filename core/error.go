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
//	cors: AllowOrigins[1]: "https://example.com/": an origin has no path; write "https://example.com"
func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("cors: ")
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

// Problems returns the [*ConfigError] of each problem that err reports, in order. err is what [New], [NewCSRFProtection],
// Live.Reload or a function of package settings has returned.
func Problems(err error) iter.Seq[*ConfigError] {
	return func(yield func(*ConfigError) bool) { yieldProblems(err, yield) }
}

// yieldProblems yields what is in err until yield returns false, and then returns false.
func yieldProblems(err error, yield func(*ConfigError) bool) bool {
	switch e := err.(type) {
	case *ConfigError:
		return yield(e)
	case interface{ Unwrap() error }:
		return yieldProblems(e.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if !yieldProblems(err, yield) {
				return false
			}
		}
	}
	return true
}

// maxListed bounds how many problems an error text has. People correct some and try again; a log keeps no more.
const maxListed = 100

// problems is an error that joins a [*ConfigError] per problem. Unlike that of [errors.Join], its text is bounded.
type problems []error

// Error returns a line per problem. Of more than a hundred it counts the rest.
func (p problems) Error() string {
	var b strings.Builder
	for i, err := range p {
		if i == maxListed {
			b.WriteString("\ncors: … and ")
			b.WriteString(strconv.Itoa(len(p) - i))
			b.WriteString(" more")
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

// Unwrap returns all of them.
func (p problems) Unwrap() []error { return p }
