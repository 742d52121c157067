package diagnose

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// This file parses the expressions of JavaScript that requests consist of: strings, numbers,
// objects, arrays, calls, and the variables that the script sets to such values. All other
// expressions are unknown values.

type valueKind uint8

const (
	valueUnknown valueKind = iota // an expression whose value is not known
	valueText                     // a string, a number, a boolean, null or undefined
	valueObject
	valueArray
	valueCall // a call of a function or a constructor
)

// value is the value of an expression.
type value struct {
	kind     valueKind
	isString bool       // for valueText
	text     []part     // for valueText; the expressions are unknown
	entries  []property // for valueObject
	elements []value    // for valueArray, and the arguments of valueCall
	function string     // for valueCall: the name, such as "JSON.stringify" or "new Headers"
	source   string     // the expression, with single spaces
	variable string     // the name of the variable that has this value
}

// property is an entry of an object.
type property struct {
	name  string
	value value
}

// get returns the value of a property, or an unknown value. Names are case-sensitive.
func (v value) get(name string) (value, bool) {
	for i := len(v.entries) - 1; i >= 0; i-- {
		if v.entries[i].name == name {
			return v.entries[i].value, true
		}
	}
	return value{}, false
}

// known returns the text of a value. It returns false if a part of it is unknown.
func (v value) known() (string, bool) {
	if v.kind != valueText {
		return "", false
	}
	var b strings.Builder
	for _, p := range v.text {
		if p.expression != "" {
			return "", false
		}
		b.WriteString(p.text)
	}
	return b.String(), true
}

// isTrue reports whether a value is certainly true.
func (v value) isTrue() bool {
	text, ok := v.known()
	return ok && !v.isString && text == "true"
}

// parser parses expressions.
type parser struct {
	script string
	tokens []token
	pos    int
	state  *parserState
	depth  int
}

// parserState is shared by the parsers of a script and of the expressions in its templates.
type parserState struct {
	steps     int // the number of tokens and expressions that were parsed
	script    *parser
	variables map[string][]int // the positions of the expressions that variables are set to
	values    map[string]value // the values of variables, as far as they are known yet
	// assignments are those to properties of variables, such as options.method = "PUT".
	assignments map[string][]propertyAssignment
}

// propertyAssignment is an assignment to a property.
type propertyAssignment struct {
	path []string // the names of the property and of what contains it
	pos  int      // the position of the expression
}

// Limits that keep the work bounded.
const (
	maxDepth   = 50        // brackets within brackets
	maxSteps   = 1_000_000 // see parserState
	maxEntries = 1000      // of an object
	maxParts   = 100       // of a string
)

var errTooComplicated = errors.New("the script is too complicated; shorten it to a single request")

// newParser returns a parser for a script. The argument line is the number of its first line.
func newParser(script string, line int) *parser {
	p := &parser{script: script, tokens: scan(script, line)}
	p.state = &parserState{script: p, variables: map[string][]int{}, values: map[string]value{}}
	p.state.assignments = map[string][]propertyAssignment{}
	for i := 0; i+2 < len(p.tokens); i++ {
		t := p.tokens[i+1]
		if p.tokens[i].kind == tokenName && t.is("=") && (i == 0 || !p.tokens[i-1].is(".")) {
			name := p.tokens[i].text
			p.state.variables[name] = append(p.state.variables[name], i+2)
		}
		p.typedVariable(i)
		if a, ok := p.assignment(i); ok {
			name := p.tokens[i].text
			p.state.assignments[name] = append(p.state.assignments[name], a)
		}
	}
	return p
}

// typedVariable records a variable of TypeScript, such as const url: string = "...", that begins at
// a token.
func (p *parser) typedVariable(i int) {
	const longest = 20 // tokens of a type
	switch p.tokens[i].text {
	case "const", "let", "var":
	default:
		return
	}
	if p.tokens[i+1].kind != tokenName || !p.tokens[i+2].is(":") {
		return
	}
	for j := i + 3; j < min(i+longest, len(p.tokens)); j++ {
		switch t := p.tokens[j]; {
		case t.is("="):
			name := p.tokens[i+1].text
			p.state.variables[name] = append(p.state.variables[name], j+1)
			return
		case t.is(";"), t.text == "const", t.text == "let", t.text == "var":
			return
		}
	}
}

// assignment returns the assignment to a property that begins at a token, if there is one.
func (p *parser) assignment(i int) (a propertyAssignment, ok bool) {
	const deepest = 3
	if p.tokens[i].kind != tokenName || i > 0 && p.tokens[i-1].is(".") {
		return a, false
	}
	j := i + 1
	for len(a.path) < deepest && j+2 < len(p.tokens) {
		switch name := p.tokens[j+1]; {
		case p.tokens[j].is(".") && name.kind == tokenName:
			j += 2
			a.path = append(a.path, name.text)
		case p.tokens[j].is("[") && name.kind == tokenString && p.tokens[j+2].is("]"):
			j += 3
			a.path = append(a.path, name.text)
		case p.tokens[j].is("=") && len(a.path) > 0:
			a.pos = j + 1
			return a, true
		default:
			return a, false
		}
	}
	if j+1 < len(p.tokens) && p.tokens[j].is("=") && len(a.path) > 0 {
		a.pos = j + 1
		return a, true
	}
	return a, false
}

// with returns an object with another value of the property at a path.
func (v value) with(path []string, to value) value {
	if len(path) > 1 {
		inner, ok := v.get(path[0])
		if !ok || inner.kind != valueObject {
			return v
		}
		to = inner.with(path[1:], to)
	}
	v.entries = append(slices.Clip(v.entries), property{path[0], to})
	return v
}

// at returns a parser for the expression at a token.
func (p *parser) at(pos int) *parser {
	return &parser{script: p.script, tokens: p.tokens, pos: pos, state: p.state, depth: p.depth}
}

func (p *parser) peek() token { return p.tokens[min(p.pos, len(p.tokens)-1)] }

func (p *parser) next() token {
	t := p.peek()
	p.pos++
	return t
}

// step counts a step. It returns an error if there were too many.
func (p *parser) step() error {
	if p.state.steps++; p.state.steps > maxSteps {
		return errTooComplicated
	}
	return nil
}

// deeper is called before a part of an expression is parsed, and shallower after it.
func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return errTooComplicated
	}
	return p.step()
}

func (p *parser) shallower() { p.depth-- }

// accept skips a sign. It returns false if the next token is another one.
func (p *parser) accept(sign string) bool {
	if p.peek().is(sign) {
		p.pos++
		return true
	}
	return false
}

func (p *parser) errorf(t token, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{t.line}, args...)...)
}

// isEnd reports whether an expression ends before t.
func isEnd(t token) bool {
	if t.kind == tokenEnd {
		return true
	}
	if t.kind != tokenSign {
		return false
	}
	switch t.text {
	case ",", ")", "]", "}", ";", ":":
		return true
	}
	return false
}

// expression parses an expression up to a comma, a closing bracket or a semicolon.
func (p *parser) expression() (value, error) {
	defer p.shallower()
	if err := p.deeper(); err != nil {
		return value{}, err
	}
	first := p.peek()
	v, err := p.operand()
	if err != nil {
		return value{}, err
	}
	for {
		if err := p.step(); err != nil {
			return value{}, err
		}
		switch t := p.peek(); {
		case t.is("+"):
			p.pos++
			right, err := p.operand()
			if err != nil {
				return value{}, err
			}
			parts := append(v.parts(), right.parts()...)
			if len(parts) > maxParts {
				return value{}, errTooComplicated
			}
			v = value{kind: valueText, isString: true, text: parts}
		case t.is("??") || t.is("||"):
			p.pos++
			right, err := p.operand()
			if err != nil {
				return value{}, err
			}
			v = v.or(right, p.source(first))
		case isEnd(t), beginsAnother(t):
			if v.source == "" {
				v.source = p.source(first)
			}
			return v, nil
		default:
			if err := p.skip(); err != nil {
				return value{}, err
			}
			return p.unknown(first), nil
		}
	}
}

// or returns the value of an expression such as x ?? "text". If x is unknown, it is the text.
func (v value) or(right value, source string) value {
	if text, ok := v.known(); ok && text != "" && text != "null" && text != "undefined" {
		return v
	}
	text, ok := right.known()
	if !ok {
		return value{source: source}
	}
	right.text = []part{{text: text, defaultOf: v.source}}
	right.source = source
	return right
}

// beginsAnother reports whether t begins another expression, because no operator precedes it.
func beginsAnother(t token) bool {
	switch t.kind {
	case tokenName:
		return t.text != "instanceof" && t.text != "in"
	case tokenString, tokenNumber:
		return true
	}
	return false
}

// unknown returns the expression from the token first to the current one as an unknown value.
func (p *parser) unknown(first token) value {
	return value{source: p.source(first)}
}

// source returns the text from the token first to the current one.
func (p *parser) source(first token) string {
	end := first.end
	if p.pos > 0 {
		end = max(end, p.tokens[min(p.pos, len(p.tokens))-1].end)
	}
	return strings.Join(strings.Fields(p.script[first.start:end]), " ")
}

// skip skips the rest of an expression.
func (p *parser) skip() error {
	for depth := 0; ; p.pos++ {
		if err := p.step(); err != nil {
			return err
		}
		t := p.peek()
		switch {
		case t.kind == tokenEnd:
			if depth > 0 {
				return p.errorf(t, "the script ends within brackets")
			}
			return nil
		case t.kind == tokenInvalid:
			return p.errorf(t, "%s", t.text)
		case t.kind != tokenSign:
		case depth == 0 && isEnd(t) && !t.is(":"):
			return nil
		case t.text == "(" || t.text == "[" || t.text == "{":
			depth++
		case t.text == ")" || t.text == "]" || t.text == "}":
			depth--
		}
	}
}

// parts returns a value as a part of a string.
func (v value) parts() []part {
	if v.kind == valueText {
		return append([]part(nil), v.text...)
	}
	return []part{{expression: v.source}}
}

func textValue(text string, isString bool) value {
	return value{kind: valueText, isString: isString, text: []part{{text: text}}, source: text}
}

// operand parses an expression without binary operators.
func (p *parser) operand() (value, error) {
	first := p.peek()
	switch first.kind {
	case tokenEnd:
		return value{}, p.errorf(first, "the script ends where a value is expected")
	case tokenInvalid:
		return value{}, p.errorf(first, "%s", first.text)
	case tokenString, tokenNumber:
		p.pos++
		return p.postfix(first, textValue(first.text, first.kind == tokenString))
	case tokenTemplate:
		p.pos++
		v, err := p.template(first)
		if err != nil {
			return value{}, err
		}
		return p.postfix(first, v)
	case tokenRegex:
		p.pos++
		return p.postfix(first, p.unknown(first))
	case tokenName:
		return p.name()
	}
	switch first.text {
	case "{":
		v, err := p.object()
		if err != nil {
			return value{}, err
		}
		return p.postfix(first, v)
	case "[":
		p.pos++
		elements, err := p.list("]")
		if err != nil {
			return value{}, err
		}
		return p.postfix(first, value{kind: valueArray, elements: elements})
	case "(":
		return p.parenthesized()
	case "!", "-", "+", "~":
		p.pos++
		v, err := p.inner()
		if err != nil {
			return value{}, err
		}
		// Minified scripts write !0 for true.
		if text, ok := v.known(); ok && first.text == "!" && (text == "0" || text == "1") && !v.isString {
			return textValue(map[string]string{"0": "true", "1": "false"}[text], false), nil
		}
		return p.unknown(first), nil
	}
	return value{}, p.errorf(first, "%s is unexpected", quoted(first.text))
}

// inner parses the operand of a unary operator.
func (p *parser) inner() (value, error) {
	defer p.shallower()
	if err := p.deeper(); err != nil {
		return value{}, err
	}
	return p.operand()
}

// parenthesized parses an expression in parentheses, or the parameters of an arrow function.
func (p *parser) parenthesized() (value, error) {
	first := p.next()
	start := p.pos
	if !p.peek().is(")") {
		if v, err := p.expression(); err == nil && p.accept(")") && !p.peek().is("=>") {
			return p.postfix(first, v)
		} else if errors.Is(err, errTooComplicated) {
			return value{}, err
		}
	}
	p.pos = start - 1
	if err := p.skipBrackets(); err != nil {
		return value{}, err
	}
	if err := p.skipAfterArrow(); err != nil {
		return value{}, err
	}
	return p.postfix(first, p.unknown(first))
}

// skipAfterArrow skips the body of an arrow function.
func (p *parser) skipAfterArrow() error {
	if !p.accept("=>") {
		return nil
	}
	if p.peek().is("{") {
		return p.skipBrackets()
	}
	return p.skip()
}

// skipBrackets skips an opening bracket, and everything up to the closing one.
func (p *parser) skipBrackets() error {
	first := p.peek()
	for depth := 0; ; p.pos++ {
		if err := p.step(); err != nil {
			return err
		}
		t := p.peek()
		switch {
		case t.kind == tokenEnd:
			return p.errorf(first, "the bracket %s has no end", quoted(first.text))
		case t.kind == tokenInvalid:
			return p.errorf(t, "%s", t.text)
		case t.kind != tokenSign:
		case t.text == "(" || t.text == "[" || t.text == "{":
			depth++
		case t.text == ")" || t.text == "]" || t.text == "}":
			if depth--; depth == 0 {
				p.pos++
				return nil
			}
		}
	}
}

// name parses an expression that begins with a name.
func (p *parser) name() (value, error) {
	first := p.next()
	switch first.text {
	case "await", "async", "void", "typeof", "yield":
		if !isEnd(p.peek()) && !p.peek().is("=>") {
			v, err := p.inner()
			if err != nil || first.text == "await" {
				return v, err
			}
			return p.unknown(first), nil
		}
	case "true", "false", "null", "undefined":
		return p.postfix(first, textValue(first.text, false))
	case "function", "class":
		for !p.peek().is("{") && !p.peek().is("(") && p.peek().kind != tokenEnd {
			p.pos++
		}
		if p.peek().is("(") {
			if err := p.skipBrackets(); err != nil {
				return value{}, err
			}
		}
		for !p.peek().is("{") && p.peek().kind != tokenEnd {
			p.pos++
		}
		if err := p.skipBrackets(); err != nil {
			return value{}, err
		}
		return p.unknown(first), nil
	}
	if p.peek().is("=>") {
		if err := p.skipAfterArrow(); err != nil {
			return value{}, err
		}
		return p.unknown(first), nil
	}
	function := first.text
	if first.text == "new" {
		function = "new " + p.next().text
	}
	for p.accept(".") || p.accept("?.") {
		t := p.peek()
		if t.kind != tokenName {
			break
		}
		p.pos++
		if len(function) < 100 { // no name that matters is longer
			function += "." + t.text
		}
	}
	if p.accept("(") {
		arguments, err := p.list(")")
		if err != nil {
			return value{}, err
		}
		return p.postfix(first, value{kind: valueCall, function: function, elements: arguments, source: p.source(first)})
	}
	if first.text == "new" {
		return p.postfix(first, value{kind: valueCall, function: function, source: p.source(first)})
	}
	if function == first.text {
		v, err := p.variable(first)
		if err != nil {
			return value{}, err
		}
		return p.postfix(first, v)
	}
	return p.postfix(first, p.member(first, function))
}

// member returns the value of a property of a variable, such as config.baseURL.
func (p *parser) member(first token, path string) value {
	names := strings.Split(path, ".")
	v, err := p.variable(first)
	for _, name := range names[1:] {
		if err != nil || v.kind != valueObject {
			return p.unknown(first)
		}
		var ok bool
		if v, ok = v.get(name); !ok {
			return p.unknown(first)
		}
	}
	return v
}

// postfix parses what follows a value, such as .then(...) or [0]. The value is then unknown.
func (p *parser) postfix(first token, v value) (value, error) {
	start := p.pos
	v, err := p.skipPostfix(v)
	if err == nil && p.pos > start && v.kind == valueUnknown {
		v = p.unknown(first)
	}
	return v, err
}

// skipPostfix returns v if nothing follows it, and otherwise an unknown value.
func (p *parser) skipPostfix(v value) (value, error) {
	for {
		if err := p.step(); err != nil {
			return value{}, err
		}
		t := p.peek()
		switch {
		case t.is(".") || t.is("?."):
			p.pos++
			if p.peek().kind == tokenName {
				p.pos++
			}
		case t.is("(") || t.is("["):
			if p.pos > 0 && t.is("[") && p.tokens[p.pos-1].line != t.line {
				return v, nil
			}
			if err := p.skipBrackets(); err != nil {
				return value{}, err
			}
		case t.kind == tokenTemplate && p.tokens[p.pos-1].line == t.line: // a tagged template
			p.pos++
		case t.is("!") && v.kind != valueUnknown: // TypeScript
			p.pos++
			continue
		case (t.text == "as" || t.text == "satisfies") && t.kind == tokenName && p.tokens[p.pos-1].line == t.line:
			// TypeScript
			p.pos++
			for !isEnd(p.peek()) && p.peek().kind != tokenInvalid {
				p.pos++
			}
			return v, nil
		default:
			return v, nil
		}
		v = value{}
	}
}

// skipTypes returns the position after type arguments of TypeScript, such as <Item[]>, that begin
// at a token.
func (p *parser) skipTypes(pos int) int {
	const most = 50 // tokens
	depth := 0
	for i := pos; i < min(pos+most, len(p.tokens)); i++ {
		switch t := p.tokens[i]; {
		case t.is("<"):
			depth++
		case t.is(">"):
			depth--
		}
		if depth == 0 {
			if i > pos {
				i++
			}
			return min(i, len(p.tokens)-1)
		}
	}
	return len(p.tokens) - 1
}

// list parses expressions up to a closing bracket.
func (p *parser) list(closing string) ([]value, error) {
	var all []value
	open := p.tokens[p.pos-1]
	for {
		switch t := p.peek(); {
		case p.accept(closing):
			return all, nil
		case t.kind == tokenEnd:
			return nil, p.errorf(open, "the bracket %s has no end", quoted(open.text))
		case p.accept(","):
			continue
		case p.accept("..."):
			if _, err := p.expression(); err != nil {
				return nil, err
			}
			continue
		}
		v, err := p.expression()
		if err != nil {
			return nil, err
		}
		all = append(all, v)
		if t := p.peek(); !t.is(",") && !t.is(closing) {
			if t.kind == tokenEnd {
				return nil, p.errorf(open, "the bracket %s has no end", quoted(open.text))
			}
			return nil, p.errorf(t, "%s is unexpected; write a comma before it", quoted(p.script[t.start:t.end]))
		}
	}
}

// object parses an object.
func (p *parser) object() (value, error) {
	open := p.next()
	v := value{kind: valueObject}
	for {
		t := p.next()
		var name string
		switch {
		case t.is("}"):
			v.source = p.source(open)
			return v, nil
		case t.is(","):
			continue
		case t.is("..."):
			spread, err := p.expression()
			if err != nil {
				return value{}, err
			}
			if spread.kind == valueObject {
				v.entries = append(v.entries, spread.entries...)
			} else {
				v.entries = append(v.entries, property{name: "...", value: spread})
			}
			if len(v.entries) > maxEntries {
				return value{}, errTooComplicated
			}
			continue
		case t.is("["):
			key, err := p.expression()
			if err != nil {
				return value{}, err
			}
			if !p.accept("]") {
				return value{}, p.errorf(t, "the bracket %s has no end", quoted("["))
			}
			name, _ = key.known()
		case t.kind == tokenName || t.kind == tokenString || t.kind == tokenNumber:
			name = t.text
		case t.kind == tokenEnd:
			return value{}, p.errorf(open, "the bracket %s has no end", quoted("{"))
		case t.kind == tokenInvalid:
			return value{}, p.errorf(t, "%s", t.text)
		default:
			return value{}, p.errorf(t, "%s is unexpected; write a name and a colon", quoted(p.script[t.start:t.end]))
		}
		entry, err := p.entry(t, name)
		if err != nil {
			return value{}, err
		}
		v.entries = append(v.entries, property{name, entry})
		if next := p.peek(); !next.is(",") && !next.is("}") {
			if next.kind == tokenEnd {
				return value{}, p.errorf(open, "the bracket %s has no end", quoted("{"))
			}
			return value{}, p.errorf(next, "%s is unexpected; write a comma before it", quoted(p.script[next.start:next.end]))
		}
	}
}

// entry parses what follows the name of a property.
func (p *parser) entry(t token, name string) (value, error) {
	switch next := p.peek(); {
	case next.is(":"):
		p.pos++
		return p.expression()
	case next.is("("): // a method
		if err := p.skipBrackets(); err != nil {
			return value{}, err
		}
		if !p.peek().is("{") {
			return value{}, p.errorf(p.peek(), "a method without a body")
		}
		if err := p.skipBrackets(); err != nil {
			return value{}, err
		}
		return p.unknown(t), nil
	case t.kind == tokenName && (next.is(",") || next.is("}")):
		return p.variable(t)
	case next.kind == tokenName && (name == "get" || name == "set" || name == "async"):
		p.pos++
		return p.entry(next, next.text)
	}
	next := p.peek()
	if next.kind == tokenInvalid {
		return value{}, p.errorf(next, "%s", next.text)
	}
	return value{}, p.errorf(next, "a colon is missing after %s", quoted(name))
}

// variable returns the value that the script sets a variable to. It is unknown if the script sets
// it several times.
func (p *parser) variable(t token) (value, error) {
	unknown := value{source: t.text}
	if v, ok := p.state.values[t.text]; ok {
		return v, nil
	}
	places := p.state.variables[t.text]
	if len(places) != 1 {
		return unknown, nil
	}
	p.state.values[t.text] = unknown // if its value depends on itself
	script := p.state.script.at(places[0])
	script.depth = p.depth
	v, err := script.expression()
	switch {
	case errors.Is(err, errTooComplicated):
		return value{}, err
	case err != nil:
		return unknown, nil
	}
	if v.kind == valueObject {
		for _, a := range p.state.assignments[t.text] {
			q := p.state.script.at(a.pos)
			q.depth = p.depth
			to, err := q.expression()
			switch {
			case errors.Is(err, errTooComplicated):
				return value{}, err
			case err == nil && len(v.entries) < maxEntries:
				v = v.with(a.path, to)
			}
		}
	}
	v.variable, v.source = t.text, t.text
	p.state.values[t.text] = v
	return v, nil
}

// template returns the value of a template.
func (p *parser) template(t token) (value, error) {
	v := value{kind: valueText, isString: true, source: strings.Join(strings.Fields(p.script[t.start:t.end]), " ")}
	for _, part := range t.parts {
		if part.expression == "" {
			v.text = append(v.text, part)
			continue
		}
		inner := &parser{script: part.expression, tokens: scan(part.expression, t.line), state: p.state, depth: p.depth}
		w, err := inner.expression()
		switch {
		case errors.Is(err, errTooComplicated):
			return value{}, err
		case err != nil || w.kind != valueText || inner.peek().kind != tokenEnd:
			v.text = append(v.text, part)
		default:
			v.text = append(v.text, w.text...)
		}
		if len(v.text) > maxParts {
			return value{}, errTooComplicated
		}
	}
	return v, nil
}
