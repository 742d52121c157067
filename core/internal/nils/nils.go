// Package nils detects nil pointers that are stored in interface values.
package nils

import "reflect"

// Is reports whether v is nil or holds a nil pointer, which v == nil does not detect.
func Is(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}
