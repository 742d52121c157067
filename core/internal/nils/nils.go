// Package nils finds nil pointers inside of interfaces.
package nils

import "reflect"

// Is reports whether v is nil or a nil pointer, such as the *core.Policy that core.New returns
// together with an error.
func Is(v any) bool {
	value := reflect.ValueOf(v)
	return !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil()
}
