package core_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/polycors/cors/core"
)

// These tests fail if a field is added to core.Config, but not to all of the places that must know
// it. The places are:
//
//   - compile.go, which must read the field, and fieldEffects below, which shows that it does
//   - the table of package settings and its package comment; TestTable and TestPackageComment are
//     there
//   - lint.go, or nothingToLint below
//   - the Config generator of FuzzDecide in fuzz_test.go, or notFuzzed below, and with it the
//     reference implementation in reference_test.go, with which FuzzDecide compares every decision
//   - a section of docs/reference/config.md
//   - package internal/problem, if a problem is about the field or mentions it

// fieldEffects contains two Configs for each field. They differ only in that field, and their
// policies make different decisions.
var fieldEffects = map[string]struct{ without, with core.Config }{
	"AllowOrigins": {
		core.Config{AllowOriginFunc: noOrigin},
		core.Config{AllowOriginFunc: noOrigin, AllowOrigins: []string{app}},
	},
	"AllowOriginRegexes": {
		core.Config{AllowOriginFunc: noOrigin},
		core.Config{AllowOriginFunc: noOrigin, AllowOriginRegexes: []string{`https://app\.example\.com`}},
	},
	"AllowOriginFunc":  {appOnly, core.Config{AllowOrigins: []string{app}, AllowOriginFunc: everyOrigin}},
	"AllowMethods":     {appOnly, core.Config{AllowOrigins: []string{app}, AllowMethods: []string{"GET"}}},
	"AllowHeaders":     {appOnly, core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"x-token"}}},
	"ExposeHeaders":    {appOnly, core.Config{AllowOrigins: []string{app}, ExposeHeaders: []string{"x-total"}}},
	"AllowCredentials": {appOnly, core.Config{AllowOrigins: []string{app}, AllowCredentials: true}},
	"MaxAge":           {appOnly, core.Config{AllowOrigins: []string{app}, MaxAge: time.Minute}},
	"AllowPrivateNetwork": {
		core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"x-token"}},
		core.Config{AllowOrigins: []string{app}, AllowHeaders: []string{"x-token"}, AllowPrivateNetwork: true},
	},
	"PreflightStatus":   {appOnly, core.Config{AllowOrigins: []string{app}, PreflightStatus: 200}},
	"ContinuePreflight": {appOnly, core.Config{AllowOrigins: []string{app}, ContinuePreflight: true}},
	"ForbidDisallowed":  {appOnly, core.Config{AllowOrigins: []string{app}, ForbidDisallowed: true}},
	"Debug":             {appOnly, core.Config{AllowOrigins: []string{app}, Debug: true}},
	"OnDecision": {appOnly, core.Config{AllowOrigins: []string{app}, OnDecision: func(context.Context, core.Event) {
		panic("called")
	}}},
	"Routes": {appOnly, core.Config{AllowOrigins: []string{app}, Routes: []core.Route{{Path: "/", Disable: true}}}},
	"DangerouslyAllowOrigins": {
		core.Config{AllowOrigins: []string{app}, AllowCredentials: true},
		core.Config{AllowOrigins: []string{app}, AllowCredentials: true,
			DangerouslyAllowOrigins: []string{"https://*.example"}},
	},
	"DangerouslyAllowOriginRegexes": {
		core.Config{AllowOrigins: []string{app}, AllowCredentials: true},
		core.Config{AllowOrigins: []string{app}, AllowCredentials: true,
			DangerouslyAllowOriginRegexes: []string{`https://[a-z]+\.example`}},
	},
}

// nothingToLint lists the fields for which Lint has no findings.
var nothingToLint = map[string]bool{"OnDecision": true}

// notFuzzed lists the fields that FuzzDecide does not set, because other tests cover them:
// TestOnDecision, FuzzPathRegex and the reference implementation in internal/route.
var notFuzzed = map[string]bool{"OnDecision": true, "Routes": true}

var appOnly = core.Config{AllowOrigins: []string{app}}

func noOrigin(context.Context, string, core.Request) (bool, error)    { return false, nil }
func everyOrigin(context.Context, string, core.Request) (bool, error) { return true, nil }

func configFields() (names []string) {
	typ := reflect.TypeFor[core.Config]()
	for i := range typ.NumField() {
		names = append(names, typ.Field(i).Name)
	}
	return names
}

func TestFieldsHaveAnEffect(t *testing.T) {
	for _, name := range configFields() {
		pair, ok := fieldEffects[name]
		if !ok {
			t.Errorf("Config.%s is not in fieldEffects: add two Configs that differ in it", name)
			continue
		}
		with, without := reflect.ValueOf(&pair.with).Elem(), reflect.ValueOf(&pair.without).Elem()
		if with.FieldByName(name).IsZero() || !without.FieldByName(name).IsZero() {
			t.Errorf("fieldEffects[%q] must set the field in one Config alone", name)
		}
		if with, without := outcome(pair.with), outcome(pair.without); with == without {
			t.Errorf("Config.%s has no effect: read it in compile.go\ngot %s", name, with)
		}
	}
}

// outcome returns the error of New, or what the policy decides about some requests.
func outcome(cfg core.Config) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprint("panic: ", v)
		}
	}()
	policy, err := core.New(cfg)
	if err != nil {
		return err.Error()
	}
	for _, header := range []core.HeaderMap{
		{},
		{"Origin": {app}},
		{"Origin": {"https://evil.example"}},
		{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}},
		{"Origin": {app}, "Access-Control-Request-Method": {"PUT"}, "Access-Control-Request-Headers": {"x-token"},
			"Access-Control-Request-Private-Network": {"true"}},
	} {
		method := "OPTIONS"
		if header["Access-Control-Request-Method"] == nil {
			method = "GET"
		}
		d := policy.Decide(context.Background(), core.Request{Method: method, Host: "api.example", Path: "/", Header: header})
		text += fmt.Sprintf("%+v\n", d)
	}
	return text
}

func TestFieldsAreLinted(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "lint.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			read[sel.Sel.Name] = true
		}
		return true
	})
	for _, name := range configFields() {
		switch {
		case !read[name] && !nothingToLint[name]:
			t.Errorf("lint.go does not read Config.%s: add a finding, or add the field to nothingToLint", name)
		case read[name] && nothingToLint[name]:
			t.Errorf("lint.go reads Config.%s: remove the field from nothingToLint", name)
		}
	}
}

func TestFieldsAreFuzzed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	set := map[string]bool{}
	for range 10_000 {
		input := make([]byte, 40)
		for i := range input {
			input[i] = byte(random.Uint32())
		}
		cfg := reflect.ValueOf(readFuzzConfig(input).config("x", new([]asking)))
		for _, name := range configFields() {
			set[name] = set[name] || !cfg.FieldByName(name).IsZero()
		}
	}
	for _, name := range configFields() {
		switch {
		case !set[name] && !notFuzzed[name]:
			t.Errorf("fuzz_test.go does not set Config.%s: set it in fuzzConfig.config, "+
				"and follow it in reference_test.go", name)
		case set[name] && notFuzzed[name]:
			t.Errorf("fuzz_test.go sets Config.%s: remove the field from notFuzzed", name)
		}
	}
}

func TestFieldsAreDocumented(t *testing.T) {
	const page = "../docs/reference/config.md"
	text, err := os.ReadFile(page)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("the module was downloaded alone, without the documentation")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range configFields() {
		if !strings.Contains(string(text), "\n### "+name+"\n") {
			t.Errorf("Config.%s has no section in %s", name, page)
		}
	}
}

// TestProblemsKnowFields: the names in internal/problem are names of fields.
func TestProblemsKnowFields(t *testing.T) {
	known := map[string]bool{}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[core.Config](), reflect.TypeFor[core.Route](), reflect.TypeFor[core.CSRFConfig](),
	} {
		for i := range typ.NumField() {
			known[typ.Field(i).Name] = true
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "internal/problem/problem.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		value, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		found++
		if name, _ := strconv.Unquote(value.Value); !known[name] || name != spec.Names[0].Name {
			t.Errorf("problem.%s is %q, want its own name, which is that of a field", spec.Names[0].Name, name)
		}
		return true
	})
	if found < 20 {
		t.Errorf("found %d constants in internal/problem, want at least 20", found)
	}
}
