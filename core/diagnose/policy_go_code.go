package diagnose

import (
	"go/ast"
	gotoken "go/token"
	"reflect"
	"strconv"
	"strings"
)

// This file finds the Config in Go code, and what the code does to it afterwards.

// goNames has the names that a file declares.
type goNames struct {
	imports   map[string]string   // the path of each package, by its name in the file
	declared  map[string]int      // how often a name is declared, anywhere in the file
	constants map[string]ast.Expr // constants whose names are declared once
}

// namesOf returns the names that a file declares. A name that is declared several times may mean
// something else in each place, so it is not among the constants.
func namesOf(file *ast.File) goNames {
	names := goNames{map[string]string{}, map[string]int{}, map[string]ast.Expr{}}
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names.imports[name] = path
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			names.declare(n.Names...)
		case *ast.GenDecl:
			if n.Tok == gotoken.CONST {
				names.addConstants(n)
			}
		case *ast.TypeSpec:
			names.declare(n.Name)
		case *ast.FuncDecl:
			names.declare(n.Name)
		case *ast.Field:
			names.declare(n.Names...)
		case *ast.AssignStmt:
			if n.Tok == gotoken.DEFINE {
				names.declareExprs(n.Lhs...)
			}
		case *ast.RangeStmt:
			if n.Tok == gotoken.DEFINE {
				names.declareExprs(n.Key, n.Value)
			}
		}
		return true
	})
	for name := range names.constants {
		if names.declared[name] > 1 {
			delete(names.constants, name)
		}
	}
	return names
}

func (names goNames) declare(list ...*ast.Ident) {
	for _, name := range list {
		names.declared[name.Name]++
	}
}

func (names goNames) declareExprs(list ...ast.Expr) {
	for _, e := range list {
		if name, ok := e.(*ast.Ident); ok {
			names.declare(name)
		}
	}
}

func (names goNames) addConstants(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, name := range spec.Names {
			if i < len(spec.Values) {
				names.constants[name.Name] = spec.Values[i]
			}
		}
	}
}

// isPackage reports whether an expression is the name of a package of the standard library. The
// code need not contain the import.
func (names goNames) isPackage(e ast.Expr, path string) bool {
	name, ok := e.(*ast.Ident)
	if !ok || names.declared[name.Name] > 0 {
		return false
	}
	if imported, ok := names.imports[name.Name]; ok {
		return imported == path
	}
	return name.Name == path[strings.LastIndexByte(path, '/')+1:]
}

// isTelling reports whether a field is one that only the configuration of CORS has.
func isTelling(field string) bool {
	_, ok := keyByField[field]
	return ok && (strings.Contains(field, "Allow") || field == "ExposeHeaders")
}

// keysOf returns the names of the fields that a literal sets.
func keysOf(literal *ast.CompositeLit) (keys []string) {
	for _, element := range literal.Elts {
		if kv, ok := element.(*ast.KeyValueExpr); ok {
			if name, ok := kv.Key.(*ast.Ident); ok {
				keys = append(keys, name.Name)
			}
		}
	}
	return keys
}

// literals returns the outermost literals of a Config. The error is about a literal of another
// library, if there is one.
func (r *goReader) literals(file *ast.File) (list []*ast.CompositeLit, other error) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if _, field, ok := assignedField(n); ok && isTelling(field) || field == "Routes" {
				return false
			}
		case *ast.CompositeLit:
			if library, page := r.libraryOf(n); library != "" && other == nil {
				other = r.problemAt(n, "this is the configuration of "+library,
					"translate it as https://github.com/polycors/cors/blob/main/docs/migrate/"+page+" describes")
			} else if library == "" && r.isConfig(n) {
				list = append(list, n)
				return false
			}
		}
		return true
	})
	return list, other
}

// isConfig reports whether a literal is one of a Config of Polycors.
func (r *goReader) isConfig(literal *ast.CompositeLit) bool {
	if typeName(literal.Type) != "Config" {
		return false
	}
	if selector, ok := literal.Type.(*ast.SelectorExpr); ok {
		name := r.code(selector.X)
		if path, ok := r.names.imports[name]; ok {
			name = path[strings.LastIndexByte(path, '/')+1:]
		}
		if name == "core" || strings.HasPrefix(name, "cors") {
			return true
		}
	}
	for _, key := range keysOf(literal) {
		if isTelling(key) {
			return true
		}
	}
	return false
}

// libraryOf returns the name of the other library whose configuration a literal is, or "", and the
// page of docs/migrate about it.
func (r *goReader) libraryOf(literal *ast.CompositeLit) (library, page string) {
	selector, ok := literal.Type.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	path := r.names.imports[r.code(selector.X)]
	isOf := func(repository string) bool { return strings.HasPrefix(path, "github.com/"+repository) }
	switch typeOf := r.code(literal.Type); {
	case isOf("polycors/cors"):
		return "", ""
	case isOf("rs/cors"):
		return "rs/cors", "rs-cors.md"
	case isOf("go-chi/cors"):
		return "go-chi/cors", "go-chi-cors.md"
	case isOf("gin-contrib/cors"):
		return "gin-contrib/cors", "gin-contrib-cors.md"
	case isOf("gofiber/fiber"):
		return "Fiber's cors middleware", "fiber.md"
	case isOf("jub0bs/cors"):
		return "jub0bs/cors", "jub0bs-cors.md"
	case typeOf == "cors.Options":
		return "rs/cors or go-chi/cors", "rs-cors.md"
	case typeName(literal.Type) == "CORSConfig":
		return "Echo's CORS middleware", "echo.md"
	case typeOf != "cors.Config":
		return "", ""
	}
	for _, key := range keysOf(literal) {
		switch key {
		case "AllowAllOrigins", "AllowWildcard", "AllowBrowserExtensions", "AllowWebSockets", "AllowFiles",
			"CustomSchemas", "AllowOriginWithContextFunc", "OptionsResponseStatusCode":
			return "gin-contrib/cors", "gin-contrib-cors.md"
		case "AllowOriginsFunc", "Next":
			return "Fiber's cors middleware", "fiber.md"
		case "Origins", "RequestHeaders", "ResponseHeaders", "Credentialed", "MaxAgeInSeconds":
			return "jub0bs/cors", "jub0bs-cors.md"
		}
	}
	return "", ""
}

// assignedField returns the variable and the field that an assignment such as cfg.A = true sets.
// ok is false for an assignment of another form. Then field may still be the field that it sets.
func assignedField(n *ast.AssignStmt) (variable, field string, ok bool) {
	selector, isField := n.Lhs[0].(*ast.SelectorExpr)
	if !isField {
		return "", "", false
	}
	name, isVariable := selector.X.(*ast.Ident)
	if !isVariable {
		return "", selector.Sel.Name, false
	}
	return name.Name, selector.Sel.Name, n.Tok == gotoken.ASSIGN && len(n.Lhs) == 1 && len(n.Rhs) == 1
}

// assignments applies the assignments to fields of the Config that follow its literal in the same
// block. Other changes are refused, because what they do depends on how the program runs.
func (r *goReader) assignments(file *ast.File, literal *ast.CompositeLit) {
	always := map[ast.Stmt]bool{} // the statements after the literal in its block
	ast.Inspect(file, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if !ok {
			return true
		}
		for i, statement := range block.List {
			name := holderOf(statement, literal)
			if name == "" {
				continue
			}
			r.holder, r.scope = name, r.span(block)
			for _, later := range block.List[i+1:] {
				always[later] = true
			}
		}
		return true
	})
	for _, d := range file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && r.holder == "" {
			r.holder, r.scope = holderOf(&ast.DeclStmt{Decl: d}, literal), span{0, len(r.text)}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if holderOf(n, literal) == "" {
				r.assignment(n, always[n])
			}
		case *ast.IncDecStmt:
			if r.isHeld(n.X) {
				r.refuseChange(n)
			}
		case *ast.CallExpr:
			for _, argument := range n.Args {
				if u, ok := argument.(*ast.UnaryExpr); ok && u.Op == gotoken.AND && r.isHeld(u.X) {
					r.refuseChange(n)
				}
			}
		}
		return true
	})
}

// isHeld reports whether an expression is the variable that has the Config, or a part of it.
func (r *goReader) isHeld(e ast.Expr) bool {
	s := r.span(e)
	return r.holder != "" && rootOf(e) == r.holder && r.scope.start <= s.start && s.end <= r.scope.end
}

// assignment applies an assignment, or refuses it if it may change the Config in another way.
func (r *goReader) assignment(n *ast.AssignStmt, always bool) {
	variable, field, ok := assignedField(n)
	target := reflect.ValueOf(r.cfg).Elem().FieldByName(field)
	if ok && always && variable == r.holder && target.IsValid() {
		delete(r.index.lists, field)
		r.index.fields[field], r.index.others[field] = r.span(n), r.span(n.Rhs[0])
		r.value(field, ast.Unparen(n.Rhs[0]), target.Addr().Interface())
		return
	}
	for _, left := range n.Lhs {
		_, isName := left.(*ast.Ident)
		isChange := r.isHeld(left) && (!isName || n.Tok != gotoken.DEFINE)
		if isChange || isTelling(field) && !isName {
			r.refuseChange(n)
			return
		}
	}
}

// refuseChange reports a statement that changes the Config in a way that is not read.
func (r *goReader) refuseChange(n ast.Node) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, r.problemAt(n,
			"this changes the Config, perhaps only under a condition, so the result cannot be read from the code",
			"write the value in the literal, or remove this statement"))
	}
	r.index.unread[""] = true
}

// current returns the list that a field has, for a value such as append(cfg.AllowOrigins, "x").
func (r *goReader) current(place string, v *ast.SelectorExpr) ([]string, bool) {
	if r.holder == "" || r.code(v) != r.holder+"."+place {
		return nil, false
	}
	list, ok := reflect.ValueOf(r.cfg).Elem().FieldByName(place).Interface().([]string)
	return list, ok && r.spend(len(list))
}

// holderOf returns the name of the variable that a statement declares with a literal as its value,
// or "".
func holderOf(statement ast.Stmt, literal *ast.CompositeLit) string {
	var names, values []ast.Expr
	switch s := statement.(type) {
	case *ast.AssignStmt:
		names, values = s.Lhs, s.Rhs
	case *ast.DeclStmt:
		if d, ok := s.Decl.(*ast.GenDecl); ok && d.Tok == gotoken.VAR {
			for _, spec := range d.Specs {
				spec := spec.(*ast.ValueSpec)
				for i := range min(len(spec.Names), len(spec.Values)) {
					names, values = append(names, spec.Names[i]), append(values, spec.Values[i])
				}
			}
		}
	}
	for i, value := range values {
		value = ast.Unparen(value)
		if u, ok := value.(*ast.UnaryExpr); ok && u.Op == gotoken.AND {
			value = ast.Unparen(u.X)
		}
		if name, ok := names[min(i, len(names)-1)].(*ast.Ident); ok && value == literal && name.Name != "_" {
			return name.Name
		}
	}
	return ""
}

// rootOf returns the variable that an expression such as cfg.Routes[0].Path is a part of, or "".
func rootOf(e ast.Expr) string {
	for {
		switch v := e.(type) {
		case *ast.Ident:
			return v.Name
		case *ast.SelectorExpr:
			e = v.X
		case *ast.IndexExpr:
			e = v.X
		case *ast.StarExpr:
			e = v.X
		case *ast.ParenExpr:
			e = v.X
		default:
			return ""
		}
	}
}
