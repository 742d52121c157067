package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core"
)

const app = "https://app.example.com"

// structs has the structs that the pages describe.
var structs = map[string]reflect.Type{
	"Config":     reflect.TypeFor[core.Config](),
	"Route":      reflect.TypeFor[core.Route](),
	"CSRFConfig": reflect.TypeFor[core.CSRFConfig](),
}

// isField has the names of all fields.
var isField = func() map[string]bool {
	found := map[string]bool{}
	for _, t := range structs {
		for i := range t.NumField() {
			found[t.Field(i).Name] = true
		}
	}
	return found
}()

// fieldTable returns the table of all fields of core.Config, with the first sentences of their doc
// comments.
func fieldTable(code *source, _ string) (string, error) {
	var rows [][]string
	for _, field := range code.fields {
		owner, name, _ := strings.Cut(field, ".")
		if owner != "Config" {
			continue
		}
		sentence, _, _ := strings.Cut(strings.Join(strings.Fields(code.docs[field]), " "), ". ")
		sentence = strings.TrimSuffix(strings.TrimPrefix(sentence, name+" "), ".")
		meaning := strings.TrimPrefix(strings.NewReplacer("[", "", "]", "").Replace(sentence), "is ")
		rows = append(rows, []string{
			"[" + inline(name) + "](#" + strings.ToLower(name) + ")", inline(key(field)), defaultOf(field), words(meaning),
		})
	}
	return table([]string{"field", "JSON key", "default", "meaning"}, rows), nil
}

// defaultOf returns what a field that is not set means.
func defaultOf(field string) string {
	owner, name, _ := strings.Cut(field, ".")
	f, ok := structs[owner].FieldByName(name)
	if !ok {
		return ""
	}
	switch name {
	case "AllowMethods":
		return "`DefaultMethods()`"
	case "AllowHeaders":
		return "`DefaultHeaders()`"
	case "MaxAge":
		age, _ := strconv.Atoi(defaults().MaxAge)
		return strings.TrimSuffix((time.Duration(age) * time.Second).String(), "0m0s")
	case "PreflightStatus":
		return strconv.Itoa(defaults().Status)
	}
	switch f.Type.Kind() {
	case reflect.Bool:
		return "false"
	case reflect.Func:
		return "nil"
	}
	return "none"
}

// defaults returns the decision about a preflight by a policy without settings.
func defaults() core.Decision {
	policy, err := core.New(core.Config{AllowOrigins: []string{app}})
	if err != nil {
		panic(err)
	}
	return policy.Decide(context.Background(), core.Request{Method: "OPTIONS", Path: "/", Header: core.HeaderMap{
		"Origin": {app}, "Access-Control-Request-Method": {"PUT"},
	}})
}

// key returns the key of a field in JSON, or "" for a func.
func key(field string) string {
	owner, name, _ := strings.Cut(field, ".")
	f, ok := structs[owner].FieldByName(name)
	if !ok || f.Type.Kind() == reflect.Func || f.Type.Kind() == reflect.Struct {
		return ""
	}
	snake := strings.ToLower(regexp.MustCompile(`(.)([A-Z])`).ReplaceAllString(name, "${1}_$2"))
	if owner == "CSRFConfig" {
		return "csrf_" + snake
	}
	return snake
}

// variable returns the variable of a field with the prefix CORS_, or "".
func variable(field string) string {
	key := key(field)
	if key == "" || strings.HasPrefix(field, "Route.") {
		return ""
	}
	if strings.HasPrefix(field, "CSRFConfig.") {
		return strings.ToUpper(key)
	}
	return "CORS_" + strings.ToUpper(key)
}

// namesOf returns the key and the variable of a field for the line with its type.
func namesOf(field string) string {
	switch key, variable := key(field), variable(field); {
	case key == "":
		return ""
	case variable == "":
		return "JSON key " + inline(key)
	default:
		return "JSON key " + inline(key) + ", variable " + inline(variable)
	}
}

// refusedTable returns what New refuses, with the errors. args is a key of the map refused.
func refusedTable(code *source, args string) (string, error) {
	examples, ok := refused[args]
	if !ok {
		return "", errors.New("there are no examples")
	}
	field, _, _ := strings.Cut(args, " ")
	_, name, _ := strings.Cut(field, ".")
	var rows [][]string
	for i, cfg := range examples {
		found, err := problemsOf(cfg, name)
		if err != nil {
			return "", fmt.Errorf("example %d: %w", i, err)
		}
		for _, e := range found {
			shown := inline(e.Value)
			if e.Value == "" {
				shown = inline(`""`)
			}
			if _, isRoute := cfg.(core.Route); isRoute || e.Index < 0 {
				shown = inline(short(code.examples["refused "+args+" "+strconv.Itoa(i)]))
			}
			rows = append(rows, []string{shown, words(e.Rule + "; " + e.Fix)})
		}
	}
	return table([]string{"refused", "error"}, rows), nil
}

// acceptedList returns what New accepts. args is a key of the map accepted.
func acceptedList(_ *source, args string) (string, error) {
	cfg, ok := accepted[args]
	if !ok {
		return "", errors.New("there is no example")
	}
	if _, err := core.New(cfg); err != nil {
		return "", err
	}
	field, _, _ := strings.Cut(args, " ")
	_, name, _ := strings.Cut(field, ".")
	text := ""
	for _, entry := range reflect.ValueOf(cfg).FieldByName(name).Interface().([]string) {
		text += "- " + inline(entry) + "\n"
	}
	return text, nil
}

// short removes the braces around the source of an example.
func short(text string) string {
	_, text, _ = strings.Cut(strings.TrimSuffix(text, "}"), "{")
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer("{ ", "{", ", }", "}").Replace(text)
}

// problemsOf returns the problems of an example. If the field with this name is a list of strings,
// there must be one problem for each entry.
func problemsOf(example any, name string) ([]*core.ConfigError, error) {
	var err error
	switch cfg := example.(type) {
	case core.Config:
		if !allowsOrigins(cfg) {
			cfg.AllowOrigins = []string{app}
		}
		_, err = core.New(cfg)
	case core.Route:
		if reflect.ValueOf(cfg.Config).IsZero() {
			cfg.Disable = true
		}
		_, err = core.New(core.Config{Routes: []core.Route{cfg}})
	case core.CSRFConfig:
		_, err = core.NewCSRFProtection(cfg)
	}
	found := slices.Collect(core.Problems(err))
	want := max(len(found), 1)
	field := reflect.ValueOf(example).FieldByName(name)
	if field.IsValid() && field.Type() == reflect.TypeFor[[]string]() {
		want = field.Len()
		for i, e := range found {
			if e.Field != name || e.Index != i {
				return nil, fmt.Errorf("problem %d is about %s[%d], want %s[%d]", i, e.Field, e.Index, name, i)
			}
		}
	}
	if len(found) != want {
		return nil, fmt.Errorf("got %d problems, want %d: %w", len(found), want, err)
	}
	return found, nil
}

// allowsOrigins reports whether a Config says which origins are allowed.
func allowsOrigins(cfg core.Config) bool {
	return cfg.AllowOrigins != nil || cfg.AllowOriginRegexes != nil || cfg.AllowOriginFunc != nil ||
		cfg.DangerouslyAllowOrigins != nil || cfg.DangerouslyAllowOriginRegexes != nil || cfg.Routes != nil
}

// entryError returns the rule and the fix for an entry that New refuses.
func entryError(field, entry string) (string, error) {
	cfg := core.Config{}
	_, name, _ := strings.Cut(field, ".")
	reflect.ValueOf(&cfg).Elem().FieldByName(name).Set(reflect.ValueOf([]string{entry}))
	found, err := problemsOf(cfg, name)
	if err != nil {
		return "", fmt.Errorf("New accepts %s: %w", entry, err)
	}
	return found[0].Rule + "; " + found[0].Fix, nil
}

// judgeEntry checks that New accepts or refuses an entry if credentials are allowed.
func judgeEntry(field, entry, want string) error {
	cfg := core.Config{AllowCredentials: true}
	_, name, _ := strings.Cut(field, ".")
	reflect.ValueOf(&cfg).Elem().FieldByName(name).Set(reflect.ValueOf([]string{entry}))
	_, err := core.New(cfg)
	if (err == nil) != (want == "accepted") {
		return fmt.Errorf("the doc comment says that %s is %s, but the error is %v", entry, want, err)
	}
	return nil
}
