package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The exported names of each published module are listed in a file of docs/api, one per line, so
// that a change of the API shows in review. The form is that of Go's own api directory:
//
//	pkg core, func New(Config) (*Policy, error)
//	pkg core, type Config struct, AllowOrigins []string
//
// Commands and internal packages are left out: nobody can import them.

const exportsDir = "docs/api"

func (m module) exportsFile() string { return exportsDir + "/" + m.name() + ".txt" }

// writeExports updates the files in docs/api, and prints how many names each module exports.
func writeExports(ctx context.Context, root string, releases []module, stdout io.Writer) error {
	old, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(exportsDir), "*.txt"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if err := os.Remove(name); err != nil { // it may be of a module that is gone
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(exportsDir)), 0o755); err != nil {
		return err
	}
	for _, m := range releases {
		lines, err := exports(ctx, root, m)
		if err != nil {
			return err
		}
		text := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(m.exportsFile())), []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s: %d names, %d lines in %s\n", m.dir, countNames(lines), len(lines), m.exportsFile())
	}
	return nil
}

// countNames returns how many names users have to know: functions, types, constants, variables,
// methods and fields. A type whose fields or methods are listed has a line of its own too, so each
// line is one name.
func countNames(lines []string) int {
	n := 0
	for _, line := range lines {
		if !strings.HasSuffix(line, ", unexported methods") {
			n++
		}
	}
	return n
}

// exports returns a sorted line for each exported name in the packages of a module. Its
// dependencies are those that its own go.mod selects, as for its users.
func exports(ctx context.Context, root string, m module) ([]string, error) {
	list := exec.CommandContext(ctx, "go", "list", "-e=false", "-export", "-deps",
		"-json=ImportPath,Name,Export,Module", "./...")
	list.Dir = filepath.Join(root, filepath.FromSlash(m.dir))
	list.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	list.Stderr = &stderr
	output, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: go list: %w\n%s", m.dir, err, stderr.Bytes())
	}
	exportFiles := map[string]string{}
	var paths []string
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p struct {
			ImportPath, Name, Export string
			Module                   *struct{ Path string }
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exportFiles[p.ImportPath] = p.Export
		internal := slices.Contains(strings.Split(p.ImportPath, "/"), "internal")
		if p.Module != nil && p.Module.Path == m.path() && p.Name != "main" && !internal {
			paths = append(paths, p.ImportPath)
		}
	}
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exportFiles[path])
	})
	var lines []string
	for _, path := range paths {
		pkg, err := imports.Import(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, line := range packageExports(pkg) {
			lines = append(lines, "pkg "+strings.TrimPrefix(path, prefix)+", "+line)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

func packageExports(pkg *types.Package) []string {
	var lines []string
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		switch object := object.(type) {
		case *types.Const:
			line := "const " + name
			if !isUntyped(object.Type()) {
				line += " " + typeText(pkg, object.Type())
			}
			lines = append(lines, line+" = "+object.Val().ExactString())
		case *types.Var:
			lines = append(lines, "var "+name+" "+typeText(pkg, object.Type()))
		case *types.Func:
			lines = append(lines, "func "+name+signatureText(pkg, object.Signature()))
		case *types.TypeName:
			lines = append(lines, typeExports(pkg, object)...)
		}
	}
	return lines
}

func typeExports(pkg *types.Package, object *types.TypeName) []string {
	if object.IsAlias() {
		aliased := object.Type()
		if alias, ok := aliased.(*types.Alias); ok {
			aliased = alias.Rhs()
		}
		return []string{"type " + object.Name() + " = " + typeText(pkg, aliased)}
	}
	declared := "type " + typeText(pkg, object.Type()) // with type parameters
	var lines []string
	switch underlying := object.Type().Underlying().(type) {
	case *types.Struct:
		lines = append(lines, declared+" struct")
		for field := range underlying.Fields() {
			switch {
			case !field.Exported():
			case field.Embedded():
				lines = append(lines, declared+" struct, embedded "+typeText(pkg, field.Type()))
			default:
				lines = append(lines, declared+" struct, "+field.Name()+" "+typeText(pkg, field.Type()))
			}
		}
	case *types.Interface:
		lines = append(lines, declared+" interface")
		for method := range underlying.Methods() {
			if method.Exported() {
				lines = append(lines, declared+" interface, "+method.Name()+signatureText(pkg, method.Signature()))
			} else {
				lines = append(lines, declared+" interface, unexported methods")
			}
		}
		return lines
	default:
		lines = append(lines, declared+" "+typeText(pkg, underlying))
	}
	byValue := types.NewMethodSet(object.Type())
	for selection := range types.NewMethodSet(types.NewPointer(object.Type())).Methods() {
		method := selection.Obj().(*types.Func)
		if !method.Exported() {
			continue
		}
		receiver := object.Name()
		if byValue.Lookup(method.Pkg(), method.Name()) == nil {
			receiver = "*" + receiver
		}
		signature := selection.Type().(*types.Signature)
		lines = append(lines, "method ("+receiver+") "+method.Name()+signatureText(pkg, signature))
	}
	return lines
}

func isUntyped(t types.Type) bool {
	basic, ok := t.(*types.Basic)
	return ok && basic.Info()&types.IsUntyped != 0
}

// typeText returns a type as it is written in the package. A package of another repository has its
// whole path, because a new major version of a framework is another type.
func typeText(pkg *types.Package, t types.Type) string {
	return types.TypeString(unnamed(t), func(other *types.Package) string {
		switch host, _, _ := strings.Cut(other.Path(), "/"); {
		case other == pkg || other.Path() == pkg.Path():
			return ""
		case strings.HasPrefix(other.Path(), prefix), !strings.Contains(host, "."):
			return other.Name()
		}
		return other.Path()
	})
}

// signatureText returns what follows the name of a function.
func signatureText(pkg *types.Package, s *types.Signature) string {
	var parameters []string
	for parameter := range s.TypeParams().TypeParams() {
		parameters = append(parameters, parameter.Obj().Name()+" "+typeText(pkg, parameter.Constraint()))
	}
	text := strings.TrimPrefix(typeText(pkg, s), "func")
	if len(parameters) > 0 {
		text = "[" + strings.Join(parameters, ", ") + "]" + text
	}
	return text
}

// unnamed returns the type without the names of parameters and results, which users of a function
// don't depend on.
func unnamed(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		return types.NewSignatureType(nil, nil, nil, unnamedTuple(t.Params()), unnamedTuple(t.Results()), t.Variadic())
	case *types.Pointer:
		return types.NewPointer(unnamed(t.Elem()))
	case *types.Slice:
		return types.NewSlice(unnamed(t.Elem()))
	case *types.Array:
		return types.NewArray(unnamed(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(unnamed(t.Key()), unnamed(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), unnamed(t.Elem()))
	}
	return t
}

func unnamedTuple(tuple *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range tuple.Variables() {
		vars = append(vars, types.NewVar(token.NoPos, nil, "", unnamed(v.Type())))
	}
	return types.NewTuple(vars...)
}
