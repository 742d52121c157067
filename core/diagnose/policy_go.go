package diagnose

import (
	"cmp"
	"errors"
	"go/ast"
	"go/format"
	goparser "go/parser"
	goscanner "go/scanner"
	gotoken "go/token"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/polycors/cors/core"
	"github.com/polycors/cors/core/internal/near"
)

// Go code is parsed, but not type-checked and not run. Literals, constants and the few functions
// and constants that policies use can be read. Everything else is refused.

// goReader reads a Config from Go code.
type goReader struct {
	text     string
	lines    lines
	shift    int // the length of what was added before the text to make it a file
	names    goNames
	holder   string // the variable that has the Config, or ""
	scope    span   // where holder is that variable
	cfg      *core.Config
	budget   int // how much more is evaluated; constants could multiply
	problems []error
	findings []core.Finding
	index    index
}

// readGo reads a policy in Go.
func readGo(text string) (Policy, error) {
	r := goReader{text: text, lines: newLines(text), budget: 2 * maxPolicy, index: newIndex()}
	file, err := r.parse()
	if err != nil {
		return Policy{}, err
	}
	r.names = namesOf(file)
	literals, other := r.literals(file)
	switch {
	case len(literals) == 0 && other != nil:
		return Policy{}, other
	case len(literals) == 0:
		return Policy{}, newProblem("settings", "there is no Config in this code",
			`write a literal, such as corshttp.Config{AllowOrigins: []string{"https://app.example.com"}}`)
	case len(literals) > 1:
		return Policy{}, r.problemAt(literals[1], "this code has more than one Config", "leave one of them")
	}
	literal := literals[0]
	p := Policy{goType: r.code(literal.Type)}
	r.cfg = &p.Config
	r.index.fields[""] = r.span(literal)
	r.config("", literal, &p.Config)
	r.assignments(file, literal)
	p.compiled, err = compile(r.lines, r.index, p.Config, nil)
	for e := range core.Problems(err) {
		r.problems = append(r.problems, e)
	}
	if len(r.problems) > 0 {
		return Policy{}, inOrder(r.problems)
	}
	p.Findings = append(r.findings, core.Lint(p.Config)...)
	p.index = r.index
	return p, nil
}

// problemAt returns a problem of the whole code.
func (r *goReader) problemAt(n ast.Node, rule, fix string) *core.ConfigError {
	e := newProblem("settings", rule, fix)
	e.Line, e.Column = r.lines.position(r.span(n).start)
	return e
}

// parse parses the text as a file, as the body of a function or as declarations.
func (r *goReader) parse() (*ast.File, error) {
	var first *core.ConfigError // of the attempt that came furthest
	furthest := -1
	for _, around := range [][2]string{{"", ""}, {"package p; func _() {", "\n}"}, {"package p;", ""}} {
		set := gotoken.NewFileSet()
		file, err := goparser.ParseFile(set, "", around[0]+r.text+around[1], goparser.SkipObjectResolution)
		if err == nil {
			r.shift = len(around[0])
			return file, nil
		}
		var list goscanner.ErrorList
		if !errors.As(err, &list) || len(list) == 0 {
			continue
		}
		at := min(max(list[0].Pos.Offset-len(around[0]), 0), len(r.text))
		if at > furthest {
			furthest = at
			first = newProblem("settings", "this is not valid Go: "+list[0].Msg, "correct the syntax there")
			first.Line, first.Column = r.lines.position(at)
		}
	}
	return nil, first
}

// typeName returns the name of a type without its package, or "".
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return t.Sel.Name
	}
	return ""
}

// span returns where a node is in the text.
func (r *goReader) span(n ast.Node) span {
	return span{int(n.Pos()) - 1 - r.shift, int(n.End()) - 1 - r.shift}
}

func (r *goReader) code(n ast.Node) string {
	s := r.span(n)
	return r.text[s.start:s.end]
}

// refuse reports a value that cannot be read.
func (r *goReader) refuse(place string, n ast.Node, rule, fix string) {
	r.index.setUnread(place)
	if len(r.problems) == maxProblems {
		return
	}
	e := newProblem(cmp.Or(place, "settings"), rule, fix)
	e.Line, e.Column = r.lines.position(r.span(n).start)
	r.problems = append(r.problems, e)
}

// refuseType reports a value that cannot be read, perhaps because it has the wrong type.
func (r *goReader) refuseType(place string, value ast.Expr, want, fix string) {
	got := ""
	switch v := value.(type) {
	case *ast.BasicLit:
		got = map[gotoken.Token]string{
			gotoken.STRING: "a string", gotoken.INT: "a number", gotoken.FLOAT: "a fraction", gotoken.CHAR: "a character",
		}[v.Kind]
	case *ast.Ident:
		if v.Name == "true" || v.Name == "false" {
			got = "a boolean"
		}
	case *ast.CompositeLit:
		got = "a literal of another type"
	}
	if got == "" || got == want {
		r.refuse(place, value, isComputed, fix)
		return
	}
	r.refuse(place, value, "got "+got+", want "+want, fix)
}

// splitList returns the entries of a list that was written as one string.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
}

const isComputed = "this value is computed, so it cannot be read from the code"

// fields reads the fields of a literal into owner, which points to a Config or a Route.
func (r *goReader) fields(prefix string, literal *ast.CompositeLit, owner any) {
	seen := map[string]bool{}
	for _, element := range literal.Elts {
		kv, ok := element.(*ast.KeyValueExpr)
		if !ok {
			r.refuse(strings.TrimSuffix(prefix, "."), element, "the name of the field is missing",
				"write it before the value, as in AllowOrigins: []string{...}")
			return
		}
		name := r.code(kv.Key)
		place := prefix + name
		target := reflect.ValueOf(owner).Elem().FieldByName(name)
		switch {
		case !target.IsValid():
			r.refuse(place, kv, "there is no field with this name", unknownFieldFix(name, owner))
			r.index.setUnread(prefix + "AllowOrigins[?]") // because the field may have been meant to allow origins
		case seen[name]:
			r.refuse(place, kv, "this field is set twice", "remove one of them")
		default:
			r.index.fields[place], r.index.others[place] = r.span(kv), r.span(kv.Value)
			r.value(place, ast.Unparen(kv.Value), target.Addr().Interface())
		}
		seen[name] = true
	}
}

// unknownFieldFix returns the fix for a field that does not exist. Other libraries have some of
// these names.
func unknownFieldFix(name string, owner any) string {
	switch strings.ToLower(name) {
	case "allowallorigins":
		return `write AllowOrigins: []string{"*"}`
	case "allowedorigins":
		return "write AllowOrigins instead"
	case "allowedmethods":
		return "write AllowMethods instead"
	case "allowedheaders":
		return "write AllowHeaders instead"
	case "exposedheaders":
		return "write ExposeHeaders instead"
	}
	best, fewest := "", near.Limit(name)+1
	t := reflect.TypeOf(owner).Elem()
	for i := range t.NumField() {
		if n := near.Distance(name, t.Field(i).Name, fewest-1); n < fewest {
			best, fewest = t.Field(i).Name, n
		}
	}
	if best == "" {
		return "remove it"
	}
	return "write " + best + " instead"
}

// config reads the literal of a Config. prefix is that of the names of its fields.
func (r *goReader) config(prefix string, literal *ast.CompositeLit, cfg *core.Config) {
	r.index.objects[prefix] = r.brackets(literal)
	r.fields(prefix, literal, cfg)
}

// brackets returns the braces of a literal.
func (r *goReader) brackets(literal *ast.CompositeLit) brackets {
	b := brackets{inside: span{int(literal.Lbrace) - r.shift, int(literal.Rbrace) - 1 - r.shift}}
	for _, element := range literal.Elts {
		b.children = append(b.children, r.span(element))
	}
	return b
}

// value reads the value of a field into its target.
func (r *goReader) value(place string, value ast.Expr, target any) {
	switch target := target.(type) {
	case *[]string:
		*target = r.strings(place, value)
	case *string:
		*target = r.string(place, value)
	case *bool:
		*target = r.bool(place, value)
	case *int:
		*target = int(r.integer(place, value, "write it as a number, such as 204"))
	case *time.Duration:
		*target = time.Duration(r.integer(place, value, "write it as a constant, such as 12 * time.Hour"))
	case *[]core.Route:
		*target = r.routes(place, value)
	case *core.Config:
		literal, ok := value.(*ast.CompositeLit)
		if !ok {
			r.refuse(place, value, isComputed, "write a literal, such as core.Config{...}")
			return
		}
		r.config(place+".", literal, target)
	default:
		r.function(place, value)
	}
}

// function handles the fields that are funcs.
func (r *goReader) function(place string, value ast.Expr) {
	_, name := splitField(place)
	switch {
	case r.code(value) == "nil":
	case name == "OnDecision":
		r.findings = append(r.findings, core.Finding{
			Code: "setting-without-effect", Field: place,
			Message: "this func is not called here. It does not decide which requests are allowed.",
		})
	default:
		r.refuse(place, value, "this is a func, and it cannot be run here",
			"list the origins in AllowOrigins instead, or remove it")
	}
}

// strings reads a list of strings.
func (r *goReader) strings(place string, value ast.Expr) []string {
	switch v := value.(type) {
	case *ast.CompositeLit:
		r.index.lists[place] = r.brackets(v)
		return r.entries(place, []string{}, v.Elts)
	case *ast.Ident:
		if v.Name == "nil" {
			return nil
		}
	case *ast.SelectorExpr:
		if list, ok := r.current(place, v); ok {
			return list
		}
	case *ast.CallExpr:
		if list := defaults(v); list != nil {
			return list
		}
		if typeName(v.Fun) != "append" || len(v.Args) == 0 || v.Ellipsis.IsValid() {
			break
		}
		list := r.strings(place, ast.Unparen(v.Args[0]))
		b := brackets{inside: span{int(v.Lparen) - r.shift, int(v.Rparen) - 1 - r.shift}}
		for _, argument := range v.Args {
			b.children = append(b.children, r.span(argument))
		}
		r.index.lists[place] = b
		return r.entries(place, list, v.Args[1:])
	}
	if text, ok := r.evalString(value); ok {
		r.refuse(place, value, "got a string, want a list of strings", "write "+goList(splitList(text)))
		return nil
	}
	r.refuseType(place, value, "a list of strings", `write the list itself, such as []string{"one", "another"}`)
	return nil
}

// entries appends entries to a list.
func (r *goReader) entries(place string, list []string, entries []ast.Expr) []string {
	for _, entry := range entries {
		name := entryName(place, len(list))
		r.index.fields[name] = r.span(entry)
		list = append(list, r.string(name, entry))
	}
	return list
}

// defaults returns the list that a call such as core.DefaultMethods() returns, or nil.
func defaults(call *ast.CallExpr) []string {
	switch {
	case len(call.Args) > 0:
	case typeName(call.Fun) == "DefaultMethods":
		return core.DefaultMethods()
	case typeName(call.Fun) == "DefaultHeaders":
		return core.DefaultHeaders()
	}
	return nil
}

func (r *goReader) routes(place string, value ast.Expr) []core.Route {
	if r.code(value) == "nil" {
		return nil
	}
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		r.refuseType(place, value, "a list of routes", "write the list itself, such as []core.Route{...}")
		return nil
	}
	list := []core.Route{}
	for i, element := range literal.Elts {
		var route core.Route
		name := entryName(place, i)
		r.index.fields[name] = r.span(element)
		if element, ok := element.(*ast.CompositeLit); ok {
			r.fields(name+".", element, &route)
		} else {
			r.refuse(name, literal.Elts[i], isComputed,
				`write the route itself, such as {Path: "/internal/", Disable: true}`)
		}
		list = append(list, route)
	}
	return list
}

// string reads a constant string.
func (r *goReader) string(place string, value ast.Expr) string {
	text, ok := r.evalString(value)
	if !ok {
		r.refuseType(place, value, "a string", "write the text itself, in quotes")
	}
	return text
}

// spend returns false if too many or too long expressions were evaluated. n is the length of a
// result.
func (r *goReader) spend(n int) bool {
	r.budget -= n
	return r.budget > 0
}

func (r *goReader) evalString(value ast.Expr) (text string, ok bool) {
	if !r.spend(1) {
		return "", false
	}
	switch v := ast.Unparen(value).(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(v.Value)
		return text, err == nil && v.Kind == gotoken.STRING
	case *ast.BinaryExpr:
		left, ok := r.evalString(v.X)
		right, also := r.evalString(v.Y)
		return left + right, ok && also && v.Op == gotoken.ADD && r.spend(len(left)+len(right))
	case *ast.Ident:
		if constant, ok := r.names.constants[v.Name]; ok {
			return r.evalString(constant)
		}
	case *ast.SelectorExpr: // such as http.MethodPut
		method, isMethod := strings.CutPrefix(v.Sel.Name, "Method")
		method = strings.ToUpper(method)
		return method, isMethod && slices.Contains(methods, method) && r.names.isPackage(v.X, "net/http")
	}
	return "", false
}

// methods has the methods for which net/http has a constant.
var methods = []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}

func (r *goReader) bool(place string, value ast.Expr) bool {
	for r.spend(1) {
		name := r.code(value)
		if (name == "true" || name == "false") && r.names.declared[name] == 0 {
			return name == "true"
		}
		constant, ok := r.names.constants[name]
		if !ok {
			break
		}
		value = ast.Unparen(constant)
	}
	r.refuseType(place, value, "true or false", "write true or false")
	return false
}

func (r *goReader) integer(place string, value ast.Expr, fix string) int64 {
	n, ok := r.evalInteger(value)
	if !ok {
		r.refuseType(place, value, "a number", fix)
	}
	return n
}

// goNumbers has the constants that a policy may contain.
var goNumbers = map[string]int64{
	"Nanosecond": int64(time.Nanosecond), "Microsecond": int64(time.Microsecond),
	"Millisecond": int64(time.Millisecond),
	"Second":      int64(time.Second), "Minute": int64(time.Minute), "Hour": int64(time.Hour),

	"StatusOK": 200, "StatusCreated": 201, "StatusAccepted": 202, "StatusNonAuthoritativeInfo": 203,
	"StatusNoContent": 204, "StatusResetContent": 205, "StatusPartialContent": 206,
}

func (r *goReader) evalInteger(value ast.Expr) (n int64, ok bool) {
	if !r.spend(1) {
		return 0, false
	}
	switch v := ast.Unparen(value).(type) {
	case *ast.BasicLit:
		n, err := strconv.ParseInt(v.Value, 0, 64)
		return n, err == nil
	case *ast.UnaryExpr:
		n, ok := r.evalInteger(v.X)
		return -n, ok && v.Op == gotoken.SUB
	case *ast.BinaryExpr:
		x, ok := r.evalInteger(v.X)
		y, also := r.evalInteger(v.Y)
		if !ok || !also {
			return 0, false
		}
		return arithmetic(v.Op, x, y)
	case *ast.Ident:
		if constant, ok := r.names.constants[v.Name]; ok {
			return r.evalInteger(constant)
		}
	case *ast.SelectorExpr:
		pkg := "time"
		if strings.HasPrefix(v.Sel.Name, "Status") {
			pkg = "net/http"
		}
		n, ok = goNumbers[v.Sel.Name]
		return n, ok && r.names.isPackage(v.X, pkg)
	case *ast.CallExpr: // a conversion
		if typeName(v.Fun) == "Duration" && len(v.Args) == 1 {
			return r.evalInteger(v.Args[0])
		}
	}
	return 0, false
}

// arithmetic returns the result of an operator. ok is false if Go would not compile it.
func arithmetic(op gotoken.Token, x, y int64) (n int64, ok bool) {
	const most = math.MaxInt64 / 2 // so that a sum or a difference cannot overflow
	isSmall := max(x, y) < most && min(x, y) > -most
	switch op {
	case gotoken.ADD:
		return x + y, isSmall
	case gotoken.SUB:
		return x - y, isSmall
	case gotoken.MUL:
		n = x * y
		return n, x == 0 || isSmall && n/x == y
	case gotoken.QUO:
		if y != 0 {
			return x / y, isSmall
		}
	}
	return 0, false
}

// formatLike formats text as gofmt does, if before was formatted so.
func formatLike(before, text string) string {
	if formatted, err := format.Source([]byte(before)); err != nil || string(formatted) != before {
		return text
	}
	formatted, err := format.Source([]byte(text))
	if err != nil {
		return text
	}
	return string(formatted)
}

// goStyle writes lists in Go.
var goStyle = style{
	list:  goList,
	entry: goString,
	key:   func(name, list string) string { return name + ": " + list },
	other: func(value string, entries []string) string {
		if value == "nil" {
			return goList(entries)
		}
		return "append(" + value + ", " + strings.Join(goStrings(entries), ", ") + ")"
	},
	trailing: true,
}

func goList(entries []string) string {
	return "[]string{" + strings.Join(goStrings(entries), ", ") + "}"
}

func goStrings(entries []string) []string {
	quoted := make([]string, len(entries))
	for i, entry := range entries {
		quoted[i] = goString(entry)
	}
	return quoted
}

// goString returns a literal for a string. It is a raw one if that is easier to read.
func goString(text string) string {
	if strings.Contains(text, `\`) && strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// writeGo returns a Config as a literal.
func writeGo(typeOf string, cfg core.Config) (string, error) {
	if err := refuseFuncs(cfg); err != nil {
		return "", err
	}
	formatted, err := format.Source([]byte(goConfig(cmp.Or(typeOf, "core.Config"), cfg)))
	return string(formatted) + "\n", err
}

// goConfig returns a literal that is not formatted.
func goConfig(typeOf string, cfg core.Config) string {
	var b strings.Builder
	b.WriteString(typeOf + "{")
	v := reflect.ValueOf(cfg)
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			b.WriteString("\n" + v.Type().Field(i).Name + ": " + goValue(v.Field(i).Interface()) + ",")
		}
	}
	if b.Len() > len(typeOf)+1 {
		b.WriteString("\n")
	}
	return b.String() + "}"
}

func goValue(value any) string {
	switch v := value.(type) {
	case []string:
		const wide = 90
		if list := goList(v); len(list) <= wide {
			return list
		}
		return "[]string{\n" + strings.Join(goStrings(v), ",\n") + ",\n}"
	case time.Duration:
		return goDuration(v)
	case []core.Route:
		var b strings.Builder
		b.WriteString("[]core.Route{")
		for _, route := range v {
			b.WriteString("\n{" + goRoute(route) + "},")
		}
		return b.String() + "\n}"
	case int:
		return strconv.Itoa(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func goRoute(route core.Route) string {
	var parts []string
	if route.Path != "" {
		parts = append(parts, "Path: "+goString(route.Path))
	}
	if route.PathRegex != "" {
		parts = append(parts, "PathRegex: "+goString(route.PathRegex))
	}
	if route.Disable {
		parts = append(parts, "Disable: true")
	}
	if !reflect.ValueOf(route.Config).IsZero() {
		parts = append(parts, "Config: "+goConfig("core.Config", route.Config))
	}
	return strings.Join(parts, ", ")
}

// goDuration returns a duration as it is usually written.
func goDuration(d time.Duration) string {
	switch {
	case d < 0:
		return "-1"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + " * time.Hour"
	case d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + " * time.Minute"
	case d%time.Second == 0:
		return strconv.Itoa(int(d/time.Second)) + " * time.Second"
	}
	return strconv.FormatInt(int64(d), 10)
}
