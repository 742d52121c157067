package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
)

// source is what the pages need of the source code.
type source struct {
	docs     map[string]string   // the doc comments of fields, such as "Config.MaxAge", and of functions
	types    map[string]string   // the types of fields
	fields   []string            // the names of the fields of each struct, in order, such as "Config.MaxAge"
	reasons  []reason            // in the order of their values
	django   map[string][]string // the names of django-cors-headers, by the field
	examples map[string]string   // the source of the examples, such as "findings any-origin"
}

// reason is one of the constants of core.Reason.
type reason struct{ constant, comment string }

//go:embed examples.go
var examplesFile []byte

// parse reads the source code of the repository in the folder root.
func parse(root string) (*source, error) {
	code := &source{
		docs: map[string]string{}, types: map[string]string{}, django: map[string][]string{}, examples: map[string]string{},
	}
	for _, f := range [...]struct {
		name string
		read func(*token.FileSet, *ast.File) error
	}{
		{"core/config.go", code.readStructs},
		{"core/csrf.go", code.readStructs},
		{"core/lint.go", code.readFuncs},
		{"core/decision.go", code.readReasons},
		{"core/settings/settings.go", code.readDjango},
		{"core/settings/env.go", code.readDjango},
	} {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, filepath.Join(root, filepath.FromSlash(f.name)), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		if err := f.read(fset, file); err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "examples.go", examplesFile, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	return code, code.readExamples(fset, file)
}

// readStructs reads the exported structs of a file.
func (code *source) readStructs(fset *token.FileSet, file *ast.File) error {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, f := range fields.Fields.List {
			if len(f.Names) == 0 || !f.Names[0].IsExported() {
				continue
			}
			name := spec.Name.Name + "." + f.Names[0].Name
			code.fields = append(code.fields, name)
			code.docs[name] = f.Doc.Text()
			code.types[name] = sourceOf(fset, f.Type)
		}
		return false
	})
	return nil
}

// readFuncs reads the doc comments of the functions of a file.
func (code *source) readFuncs(_ *token.FileSet, file *ast.File) error {
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
			code.docs[f.Name.Name] = f.Doc.Text()
		}
	}
	return nil
}

// readReasons reads the constants of core.Reason.
func (code *source) readReasons(_ *token.FileSet, file *ast.File) error {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && len(spec.Names) == 1 && strings.HasPrefix(spec.Names[0].Name, "Reason") {
			code.reasons = append(code.reasons, reason{spec.Names[0].Name, strings.TrimSpace(spec.Comment.Text())})
		}
		return true
	})
	if len(code.reasons) == 0 {
		return fmt.Errorf("it has no reasons")
	}
	return nil
}

// readDjango reads the names of django-cors-headers in the tables of package settings.
func (code *source) readDjango(_ *token.FileSet, file *ast.File) error {
	constants := map[string]string{}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec: // such as allOrigins
			if len(n.Values) == 1 {
				if text, ok := literal(n.Values[0]); ok {
					constants[n.Names[0].Name] = text
				}
			}
		case *ast.CompositeLit:
			field, names := "", []string(nil)
			for _, elem := range n.Elts {
				pair, ok := elem.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				switch key, _ := pair.Key.(*ast.Ident); {
				case key == nil:
				case key.Name == "field":
					text, ok := literal(pair.Value)
					if id, isName := pair.Value.(*ast.Ident); !ok && isName {
						text = constants[id.Name]
					}
					field = text
				case key.Name == "django":
					for _, elem := range pair.Value.(*ast.CompositeLit).Elts {
						text, _ := literal(elem)
						names = append(names, text)
					}
				}
			}
			if field != "" && names != nil {
				code.django[field] = names
				found = true
			}
		}
		return true
	})
	if !found {
		return fmt.Errorf("it has no names of django-cors-headers")
	}
	return nil
}

// readExamples reads the source of the examples, which are the values of maps.
func (code *source) readExamples(fset *token.FileSet, file *ast.File) error {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			spec := spec.(*ast.ValueSpec)
			lit, ok := spec.Values[0].(*ast.CompositeLit)
			if !ok {
				continue
			}
			for _, elem := range lit.Elts {
				pair, ok := elem.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				key, ok := literal(pair.Key)
				if !ok {
					continue
				}
				name := spec.Names[0].Name + " " + key
				code.examples[name] = sourceOf(fset, pair.Value)
				if list, ok := pair.Value.(*ast.CompositeLit); ok {
					for i, elem := range list.Elts {
						code.examples[name+" "+strconv.Itoa(i)] = sourceOf(fset, elem)
					}
				}
			}
		}
	}
	return nil
}

// literal returns the value of a string literal.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// print returns the source of a node.
func sourceOf(fset *token.FileSet, n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, fset, n); err != nil {
		return err.Error()
	}
	return b.String()
}
