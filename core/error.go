package core

import (
	"iter"
	"strconv"
	"strings"

	"github.com/polycors/cors/core/internal/problem"
)

// ConfigError describes one problem in a [Config] or a [CSRFConfig]. The errors returned by [New]
// and [NewCSRFProtection] wrap one ConfigError for each problem. Use [Problems] to iterate over
// them.
type ConfigError struct {
	Field string // the name of the field, such as "AllowOrigins" or "Routes[2].Config.MaxAge"
	Index int    // the index of the invalid entry in that field, or -1 if the problem is not in one entry
	Value string // the invalid value, or "" if there is no single value to show
	Rule  string // what is wrong with the value
	Fix   string // what to write instead

	// Line and Column are the position of the problem in a JSON text that package settings has
	// read. Both begin at 1, and Column counts characters. If the problem is not in a JSON text,
	// both are 0.
	Line, Column int

	problem *problem.Problem // nil if it says no more than the fields above
}

// configError converts p to the type of error that the API reports.
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

// Error returns a message on a single line that describes the problem and how to fix it. For
// example:
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

// Problems returns an iterator over all problems that err reports, in order. Use it for errors
// returned by [New], [NewCSRFProtection], [Live.Reload] and package settings, and for errors that
// wrap them. If err contains no [ConfigError], the iterator is empty.
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

// maxListed is the maximum number of problems that an error message lists. Nobody corrects more at
// once.
const maxListed = 100

// problems is an error that wraps one [*ConfigError] for each problem. Unlike the message of
// [errors.Join], its message has a limited length.
type problems []error

// Error returns a message with one line for each of the first hundred problems. If there are more,
// the last line gives the number of remaining problems.
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
