package core

import (
	"iter"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

// ConfigError describes one problem in a [Config] or a [CSRFConfig]. [New] and [NewCSRFProtection]
// return a single error that wraps one ConfigError for each problem. Use [Problems] to iterate over
// them.
type ConfigError struct {
	Field string // the name of the field, such as "AllowOrigins" or "Routes[2].Config.MaxAge"
	Index int    // the index of the invalid entry in that field, or -1 if the problem is not in one entry
	Value string // the invalid value, or "" if there is no single value to show
	Rule  string // what is wrong with the value
	Fix   string // what to write instead

	problem *problem.Problem // nil if it says no more than the fields above
}

// configError returns the error that reports a problem to a Go program.
func configError(p *problem.Problem) *ConfigError {
	name, index := p.Place.GoName()
	e := &ConfigError{Field: name, Index: index, Value: p.Value, Rule: p.Rule.String(), Fix: p.Fix.String()}
	if !p.IsPlain() {
		e.problem = p // not always, because a long list can have millions of problems
	}
	return e
}

// Package settings reports the same problems under the names of JSON keys and variables.
func init() {
	problem.Of = func(err error) (p problem.Problem, ok bool) {
		e, ok := err.(*ConfigError)
		switch {
		case !ok:
			return p, false
		case e.problem != nil:
			return *e.problem, true
		}
		p = problem.Problem{Place: problem.At(problem.Field(e.Field), e.Index), Value: e.Value}
		p.Rule, p.Fix = problem.Plain(e.Rule), problem.Plain(e.Fix)
		return p, true
	}
}

// Error returns a one-line message that contains the problem and its fix:
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

// Problems returns an iterator over the problems that err reports, in order. The error may come
// from [New], [NewCSRFProtection], [Live.Reload] or package settings, or it may wrap such an error.
// If err is nil or contains no [ConfigError], the iterator is empty.
func Problems(err error) iter.Seq[*ConfigError] {
	return func(yield func(*ConfigError) bool) { yieldProblems(err, yield) }
}

// yieldProblems yields the problems in err. It returns false as soon as yield does.
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

// maxListed is how many problems the text of an error lists. Nobody corrects more of them at once.
const maxListed = 100

// problems is an error that joins one [*ConfigError] per problem. Unlike the text of an
// [errors.Join] error, its text is bounded.
type problems []error

// Error returns a message with one line per problem. It lists at most a hundred problems, and then
// says how many more there are.
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

// Unwrap returns all problems, including those that the message does not list.
func (p problems) Unwrap() []error { return p }
