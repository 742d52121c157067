package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/settings"
)

// settingTable returns the names, types and defaults of all settings.
func settingTable(code *source, _ string) (string, error) {
	var rows [][]string
	for _, field := range code.fields {
		if key(field) == "" || strings.HasPrefix(field, "Route.") {
			continue
		}
		owner, name, _ := strings.Cut(field, ".")
		f, _ := structs[owner].FieldByName(name)
		anchor := strings.ToLower(name)
		if owner != "Config" {
			anchor = strings.ToLower(owner) + anchor
		}
		rows = append(rows, []string{
			inline(key(field)), inline(variable(field)), code.djangoNames(name), kindOf(f.Type), defaultOf(field),
			"[" + inline(name) + "](config.md#" + anchor + ")",
		})
	}
	for _, s := range [...]struct{ name, kind, field string }{
		{"AllOrigins", "boolean", "AllowOrigins"},
		{"URLsRegex", "expression", "Routes"},
	} {
		names := code.djangoNames(s.name)
		if names == "" {
			return "", fmt.Errorf("there is no setting %s", s.name)
		}
		rows = append(rows, []string{
			"", "", names, s.kind, "", "[" + inline(s.field) + "](config.md#" + strings.ToLower(s.field) + ")",
		})
	}
	return table([]string{"JSON key", "variable", "django-cors-headers", "type", "default", "field"}, rows), nil
}

// djangoNames returns the variables of django-cors-headers for a field, the newest one first.
func (code *source) djangoNames(field string) string {
	text := ""
	for i, name := range code.django[field] {
		if i > 0 {
			text += ", formerly "
		}
		text += inline("CORS_" + name)
	}
	return text
}

// kindOf returns how the page names the type of a setting.
func kindOf(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[[]string]():
		return "list"
	case reflect.TypeFor[[]core.Route]():
		return "routes"
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[int]():
		return "number"
	}
	return "boolean"
}

// valueTable returns settings that are refused, with the errors. args is a key of the map values.
func valueTable(_ *source, args string) (string, error) {
	var rows [][]string
	for _, text := range values[args] {
		_, err := settings.FromEnv("CORS_", []string{text})
		if strings.HasPrefix(text, "{") {
			_, err = settings.FromJSON([]byte(text))
		}
		found := slices.Collect(core.Problems(err))
		if len(found) != 1 {
			return "", fmt.Errorf("%s: got %d problems, want 1: %w", text, len(found), err)
		}
		rows = append(rows, []string{inline(text), words(found[0].Rule + "; " + found[0].Fix)})
	}
	if rows == nil {
		return "", errors.New("there are no examples")
	}
	return table([]string{"refused", "error"}, rows), nil
}

// readTable returns variables, and the fields that FromEnv reads from them. args is a key of the
// map read.
func readTable(code *source, args string) (string, error) {
	var rows [][]string
	for _, text := range read[args] {
		s, err := settings.FromEnv("CORS_", []string{text})
		if err != nil {
			return "", err
		}
		shown := ""
		for _, field := range code.fields {
			owner, name, _ := strings.Cut(field, ".")
			if owner != "Config" {
				continue
			}
			v := reflect.ValueOf(s.CORS).FieldByName(name)
			if strings.HasPrefix(text, variable(field)+"=") || shown == "" && !v.IsZero() {
				shown = name + ": " + valueOf(v)
			}
		}
		rows = append(rows, []string{inline(text), inline(shown)})
	}
	if rows == nil {
		return "", errors.New("there are no examples")
	}
	return table([]string{"variable", "field"}, rows), nil
}

// valueOf returns a value in the notation of Go.
func valueOf(v reflect.Value) string {
	if age, ok := v.Interface().(time.Duration); ok && age%time.Second == 0 {
		return strconv.Itoa(int(age/time.Second)) + " * time.Second"
	} else if ok {
		return strconv.Itoa(int(age))
	}
	return fmt.Sprintf("%#v", v.Interface())
}
