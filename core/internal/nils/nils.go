// Package nils detects nil pointers that are stored in interface values.
package nils

import "reflect"

// Is reports whether v is nil or holds a nil pointer. A comparison with nil does not detect a nil
// pointer in an interface value.
func Is(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}
