// Package nils detects nil pointers that are stored in interface values.
package nils

import "reflect"

// Is reports whether v is nil or holds a nil pointer. For example, a core.Decider may hold the nil
// *core.Policy that core.New returns together with an error.
func Is(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}
