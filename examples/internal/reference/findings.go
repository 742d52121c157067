package main

import (
	"errors"
	"fmt"
	"go/doc/comment"
	"slices"
	"strings"
	"testing"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/corstest"
	"github.com/polycors/cors/core/settings"
)

// withoutEffect is the only code that Lint does not report. Package settings does.
const withoutEffect = "setting-without-effect"

// codes returns the codes in the doc comment of Lint, each with its meaning.
func codes(code *source) (list [][2]string) {
	for _, block := range (&comment.Parser{}).Parse(code.docs["Lint"]).Content {
		block, ok := block.(*comment.Code)
		if !ok {
			continue
		}
		for line := range strings.Lines(block.Text) {
			if m := columns.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				for name := range strings.SplitSeq(m[1], ", ") {
					list = append(list, [2]string{name, m[2]})
				}
			}
		}
	}
	return append(list, [2]string{withoutEffect, "a setting was read but has no effect"})
}

// findingTable returns the table of all codes.
func findingTable(code *source, _ string) (string, error) {
	var rows [][]string
	for _, c := range codes(code) {
		rows = append(rows, []string{"[" + inline(c[0]) + "](#" + c[0] + ")", words(c[1])})
	}
	return table([]string{"code", "meaning"}, rows), nil
}

// findingSection returns an example of a finding, and its message.
func findingSection(code *source, name string) (string, error) {
	meaning := ""
	for _, c := range codes(code) {
		if c[0] == name {
			meaning = words(strings.ToUpper(c[1][:1])+c[1][1:]) + ".\n\n"
		}
	}
	if name == withoutEffect {
		s, err := settings.FromEnv("CORS_", unused)
		return meaning + fenced("sh", strings.Join(unused, "\n")) + "\n" + messages(s.Findings, name), err
	}
	cfg, ok := findings[name]
	if !ok || meaning == "" {
		return "", errors.New("there is no such code, or no example")
	}
	found := core.Lint(cfg)
	if !slices.ContainsFunc(found, func(f core.Finding) bool { return f.Code == name }) {
		return "", fmt.Errorf("Lint does not find it in the example, but %q", found)
	}
	return meaning + fenced("go", "core.Config"+code.examples["findings "+name]) + "\n" + messages(found, name), nil
}

// messages returns the findings with a code.
func messages(found []core.Finding, code string) string {
	text := ""
	for _, f := range found {
		if f.Code == code {
			text += f.Field + ": " + f.Message + "\n"
		}
	}
	return fenced("text", text)
}

// recorder is a test that records its errors.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// reachableMessage returns what CheckReachable says about an example.
func reachableMessage(_ *source, args string) (string, error) {
	handler, ok := reachable[args]
	if !ok {
		return "", errors.New("there is no example")
	}
	var r recorder
	corstest.CheckReachable(&r, handler, app, "/items")
	if len(r.errors) != 1 {
		return "", fmt.Errorf("got %d messages, want 1: %q", len(r.errors), r.errors)
	}
	return fenced("text", r.errors[0]), nil
}
