package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestNamesAreInExamples: an example uses every exported type and function, or a value of the type.
func TestNamesAreInExamples(t *testing.T) {
	// The types of values that an example gets from a function or a field, without naming the type.
	unnamed := map[string]string{
		"ConfigError": "Problems", "CSRFProtection": "NewCSRFProtection", "Explanation": "Explain", "Finding": "Lint",
		"ConfigChange": "Changes", "Live": "NewLive", "Policy": "New", "Kind": "Kind", "Reason": "Reason",
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	exported, used := map[string]bool{}, map[string]bool{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			isTest := strings.HasSuffix(entry.Name(), "_test.go")
			fun, isFunc := decl.(*ast.FuncDecl)
			switch {
			case isTest && (entry.Name() == "example_test.go" || isFunc && strings.HasPrefix(fun.Name.Name, "Example")):
				addSelectors(decl, used)
			case isTest:
			case isFunc:
				if fun.Recv == nil && fun.Name.IsExported() {
					exported[fun.Name.Name] = true
				}
			default:
				addTypes(decl, exported)
			}
		}
	}
	if len(exported) < 25 {
		t.Errorf("found %d exported names, want at least 25", len(exported))
	}
	for name := range exported {
		if !used[name] && !used[unnamed[name]] {
			t.Errorf("no example uses %s", name)
		}
	}
}

// addSelectors adds the names after a dot, such as New in core.New.
func addSelectors(n ast.Node, names map[string]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			names[sel.Sel.Name] = true
		}
		return true
	})
}

// addTypes adds the exported types of a declaration.
func addTypes(decl ast.Decl, names map[string]bool) {
	for _, spec := range decl.(*ast.GenDecl).Specs {
		if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.IsExported() {
			names[spec.Name.Name] = true
		}
	}
}
