package diagnose

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/polycors/cors/core/internal/field"
)

// This file reads requests out of JavaScript.

var hasRequest = regexp.MustCompile(`\bfetch\s*\(|\baxios\b|\.open\s*\(|\$\.ajax\s*\(`)

// script reads a request of a script.
func (r *reader) script() (found bool, err error) {
	if !hasRequest.MatchString(r.text) {
		return false, nil
	}
	calls := r.calls(newParser(r.text, 1))
	if len(calls) == 0 {
		// The text before the request may not be JavaScript. An apostrophe in it begins a string.
		start := hasRequest.FindStringIndex(r.text)[0]
		calls = r.calls(newParser(r.text[start:], 1+strings.Count(r.text[:start], "\n")))
	}
	if len(calls) == 0 {
		return false, nil
	}
	r.in.Kind = KindFetch
	if len(calls) > 1 {
		r.note("The script has several requests. Only the first one is read.")
	}
	return true, calls[0]()
}

// calls returns a function for each request of a script. The function reads the request.
func (r *reader) calls(p *parser) []func() error {
	var calls []func() error
	for i := range p.tokens {
		if read := r.call(p, i); read != nil {
			calls = append(calls, read)
		}
	}
	return calls
}

// call returns a function that reads the request of the call at a token. It returns nil if the
// token does not begin such a call.
func (r *reader) call(p *parser, i int) func() error {
	t := p.tokens[i]
	if t.kind != tokenName || i > 0 && p.tokens[i-1].is(".") && !isGlobal(p.tokens, i-2) {
		return nil
	}
	if i > 0 && p.tokens[i-1].kind == tokenName && p.tokens[i-1].text == "function" {
		return nil
	}
	if t.text == "fetch" && p.isMethod(i+1) {
		return nil
	}
	after := func(n int) token { return p.tokens[min(i+n, len(p.tokens)-1)] }
	// arguments parses the arguments of the call whose opening parenthesis is the n-th token.
	arguments := func(n int) ([]value, error) {
		q := p.at(i + n + 1)
		return q.list(")")
	}
	with := func(n int, read func([]value)) func() error {
		return func() error {
			args, err := arguments(n)
			if err == nil {
				read(args)
			}
			return err
		}
	}
	method := strings.ToUpper(after(2).text)
	open := p.skipTypes(i + 3)
	switch {
	case t.text == "fetch" && after(1).is("("):
		return with(1, func(args []value) { r.fetch(p, args) })
	case t.text == "axios" && after(1).is("("):
		return with(1, func(args []value) { r.axios(p, value{}, "", args) })
	case t.text == "$" && after(1).is(".") && after(2).text == "ajax" && after(3).is("("):
		return with(3, func(args []value) { r.ajax(p, args) })
	case after(1).is(".") && after(2).text == "open" && after(3).is("(") && isVerb(strings.ToUpper(after(4).text)):
		return with(3, func(args []value) { r.xhr(p, i, args) })
	case after(1).is(".") && p.tokens[open].is("(") && isVerb(method):
		base, err := p.at(i).variable(t)
		if t.text != "axios" && (err != nil || base.function != "axios.create") {
			return nil
		}
		return with(open-i, func(args []value) { r.axios(p, base, method, args) })
	}
	return nil
}

// isMethod reports whether the parenthesis at a token begins the parameters of a method, because
// the body follows them.
func (p *parser) isMethod(i int) bool {
	if !p.tokens[min(i, len(p.tokens)-1)].is("(") {
		return false
	}
	q := p.at(i)
	return q.skipBrackets() == nil && q.peek().is("{")
}

// isGlobal reports whether a token is a name of the global object.
func isGlobal(tokens []token, i int) bool {
	if i < 0 {
		return false
	}
	switch tokens[i].text {
	case "window", "self", "globalThis":
		return true
	}
	return false
}

func isVerb(method string) bool {
	switch method {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "REQUEST":
		return true
	}
	return false
}

// argument returns the i-th argument.
func argument(args []value, i int) value {
	if i < len(args) {
		return args[i]
	}
	return value{kind: valueObject}
}

// fetch reads the arguments of fetch or of the constructor of Request.
func (r *reader) fetch(p *parser, args []value) {
	resource, options := argument(args, 0), argument(args, 1)
	if resource.kind == valueCall && resource.function == "new Request" {
		r.fetch(p, resource.elements)
		if len(args) < 2 {
			return
		}
	} else {
		r.url(resource, value{})
	}
	f := &r.in.Fetch
	if options.kind != valueObject {
		r.note("The options %s are unknown.", inBackticks(options.source))
		return
	}
	r.spread(options)
	if v, ok := options.get("method"); ok {
		f.Method = r.string("method", v)
	}
	if v, ok := options.get("credentials"); ok {
		text, known := v.known()
		if !known {
			r.note("The value of credentials is unknown. It is assumed that the page sends none.")
		}
		f.Credentials = text == "include"
	}
	if v, ok := options.get("referrer"); ok {
		if text, known := v.known(); known && f.Origin == "" {
			f.Origin = pageOf(text)
		}
	}
	r.mode(options)
	if v, ok := options.get("headers"); ok {
		r.setHeaders(r.headersOf(p, v))
	}
	if v, ok := options.get("body"); ok {
		r.body(v)
	}
}

// mode reads the option mode.
func (r *reader) mode(options value) {
	v, ok := options.get("mode")
	if !ok {
		return
	}
	switch mode, _ := v.known(); mode {
	case "cors":
	case "no-cors":
		r.note(`With the mode "no-cors", the page can never read the response, and most headers are not sent. ` +
			`The request is read as if it had the mode "cors".`)
	case "same-origin":
		r.note(`With the mode "same-origin", the browser refuses requests to other origins. ` +
			`The request is read as if it had the mode "cors".`)
	default:
		r.note("The mode is read as \"cors\".")
	}
}

// spread notes properties that come from an unknown object.
func (r *reader) spread(options value) {
	for _, e := range options.entries {
		if e.name == "..." {
			r.note("The options in %s are unknown.", inBackticks(e.value.source))
		}
	}
}

// string returns the value of an option.
func (r *reader) string(name string, v value) string {
	if text, ok := v.known(); ok {
		return text
	}
	r.note("The %s %s is unknown.", name, inBackticks(v.source))
	return ""
}

// url sets the URL. The argument base is the URL that it is relative to, or unknown.
func (r *reader) url(v, base value) {
	if v.kind == valueCall {
		switch v.function {
		case "new URL":
			r.url(argument(v.elements, 0), argument(v.elements, 1))
			return
		case "new Request":
			r.url(argument(v.elements, 0), value{})
			return
		case "encodeURI":
			r.url(argument(v.elements, 0), base)
			return
		}
	}
	text := r.urlText(v)
	if strings.HasPrefix(text, "//") {
		text = "https:" + text
	}
	if base.kind == valueText && !strings.Contains(text, "://") {
		root := r.urlText(base)
		if u, err := url.Parse(root); err == nil && u.Host != "" {
			if to, err := u.Parse(text); err == nil {
				text = to.String()
			}
		}
	}
	if u, err := url.Parse(text); err == nil && u.Scheme == "" && text != "" {
		if !strings.HasPrefix(text, "/") {
			text = "/" + strings.TrimPrefix(text, "./")
		}
		isRelative := len(v.text) > 0 && v.text[0].expression == "" && v.text[0].text != ""
		if base.source != "" || !isRelative {
			r.in.Fetch.URL = text
			return
		}
		r.note("The URL has no host. In a browser, such a request goes to the server of the page itself, " +
			"and CORS does not apply to it. It is assumed that the request is for another server.")
	}
	r.in.Fetch.URL = text
}

var identifier = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// urlText returns a URL in which names stand in for the unknown parts.
func (r *reader) urlText(v value) string {
	if v.kind != valueText {
		r.note("The URL %s is unknown.", inBackticks(v.source))
		return ""
	}
	var b strings.Builder
	for i, p := range v.text {
		if p.defaultOf != "" {
			r.note("The value of %s is unknown. It is assumed to be %s.", inBackticks(p.defaultOf), quoted(p.text))
		}
		if p.expression == "" {
			b.WriteString(p.text)
			continue
		}
		if b.Len() == 0 && i < len(v.text)-1 {
			r.note("The value of %s is unknown, so only the rest of the URL is read.", inBackticks(p.expression))
			continue
		}
		names := identifier.FindAllString(p.expression, -1)
		name := "x"
		if len(names) > 0 {
			name = names[len(names)-1]
		}
		b.WriteString(name)
		r.note("The value of %s in the URL is unknown. It is assumed to be %s.", inBackticks(p.expression), quoted(name))
	}
	return b.String()
}

// inBackticks returns an expression as it is shown in a note.
func inBackticks(source string) string {
	const most = 60
	if len(source) > most {
		source = strings.ToValidUTF8(source[:most], "") + "..."
	}
	return "`" + source + "`"
}

// headersOf returns the headers that an expression lists.
func (r *reader) headersOf(p *parser, v value) [][2]string {
	var header [][2]string
	switch {
	case v.kind == valueObject:
		for _, e := range v.entries {
			if e.name == "..." {
				header = append(header, r.headersOf(p, e.value)...)
				continue
			}
			header = append(header, [2]string{e.name, r.headerValue(e.name, e.value)})
		}
		header = lastOfEach(header, func(name string) string { return name })
	case v.kind == valueArray:
		for _, pair := range v.elements {
			name, ok := argument(pair.elements, 0).known()
			if !ok || len(pair.elements) != 2 {
				r.note("A header in the list is unknown.")
				continue
			}
			header = append(header, [2]string{name, r.headerValue(name, pair.elements[1])})
		}
	case v.kind == valueCall && v.function == "new Headers":
		if len(v.elements) > 0 {
			header = r.headersOf(p, v.elements[0])
		}
		header = r.appended(p, v.variable, header)
	case v.kind == valueText:
		if text, _ := v.known(); text != "null" && text != "undefined" {
			r.note("The headers %s are unknown.", inBackticks(v.source))
		}
	default:
		r.note("The headers %s are unknown.", inBackticks(v.source))
	}
	return header
}

// appended adds the headers that a script adds with append and set to the Headers in a variable.
func (r *reader) appended(p *parser, variable string, header [][2]string) [][2]string {
	if variable == "" {
		return header
	}
	for i := 0; i+3 < len(p.tokens); i++ {
		t := p.tokens[i : i+4]
		if t[0].text != variable || !t[1].is(".") || t[2].text != "append" && t[2].text != "set" || !t[3].is("(") {
			continue
		}
		args, err := p.at(i + 4).list(")")
		if err != nil || len(args) != 2 {
			continue
		}
		if name, ok := args[0].known(); ok {
			if t[2].text == "set" {
				header = slices.DeleteFunc(header, func(nv [2]string) bool { return strings.EqualFold(nv[0], name) })
			}
			header = append(header, [2]string{name, r.headerValue(name, args[1])})
		}
	}
	return header
}

// lastOfEach returns the last header of each name. It keeps the order in which the names first
// appear. The function key returns the same text for names that are equal.
func lastOfEach(header [][2]string, key func(string) string) [][2]string {
	index := map[string]int{}
	var last [][2]string
	for _, nv := range header {
		if i, ok := index[key(nv[0])]; ok {
			last[i] = nv
			continue
		}
		index[key(nv[0])] = len(last)
		last = append(last, nv)
	}
	return last
}

// headerValue returns the value of a header. Unknown parts of it are replaced.
func (r *reader) headerValue(name string, v value) string {
	if v.kind != valueText {
		if name = strings.ToLower(name); isSafelisted(name, "") || name == "content-type" || name == "range" {
			r.note("The value of the header %s is unknown. It is assumed that it needs permission.", name)
		}
		return unsafeValue(name)
	}
	var b strings.Builder
	for _, p := range v.text {
		b.WriteString(p.text)
		if p.expression != "" {
			b.WriteString("...")
		}
	}
	return b.String()
}

// setHeaders sets the headers of the page. If they are copied from the developer tools, some of
// them are the browser's.
func (r *reader) setHeaders(header [][2]string) {
	f := &r.in.Fetch
	if isFromBrowser(header) {
		from, credentials := f.Origin, f.Credentials
		r.set(f.Method, header)
		f.Credentials = f.Credentials || credentials
		if from != "" {
			f.Origin = from
		}
		return
	}
	var forbidden []string
	for _, nv := range header {
		if isForbidden(nv[0], nv[1]) {
			forbidden = append(forbidden, strings.ToLower(nv[0]))
			continue
		}
		f.Header = append(f.Header, nv)
	}
	if len(forbidden) > 0 {
		r.note("Browsers do not let pages set these headers, so they are left out: %s.", some(forbidden))
	}
}

// body notes what the body of a request means for its headers.
func (r *reader) body(v value) {
	f := &r.in.Fetch
	for _, nv := range f.Header {
		if strings.EqualFold(nv[0], "Content-Type") {
			return
		}
	}
	switch {
	case v.kind == valueCall && v.function == "JSON.stringify":
		r.note("The page sets no Content-Type, so the browser sends text/plain, which needs no permission. " +
			"Servers that expect application/json may refuse it.")
	case v.kind == valueCall && v.function == "new Blob":
		if typ, ok := argument(v.elements, 1).get("type"); ok {
			if text, known := typ.known(); known && !isSafelisted("content-type", text) {
				f.Header = append(f.Header, [2]string{"Content-Type", text})
			}
		}
	}
}

// axios reads the arguments of a function of axios. The argument method is "" for axios itself.
func (r *reader) axios(p *parser, instance value, method string, args []value) {
	f := &r.in.Fetch
	defaults := value{kind: valueObject}
	if instance.kind == valueCall && instance.function == "axios.create" {
		defaults = argument(instance.elements, 0)
	}
	var target, config, data value
	switch {
	case method == "" && argument(args, 0).kind == valueText:
		target, config = argument(args, 0), argument(args, 1)
	case method == "" || method == "REQUEST":
		config = argument(args, 0)
		target, _ = config.get("url")
	case method == "POST" || method == "PUT" || method == "PATCH":
		target, config = argument(args, 0), argument(args, 2)
		if len(args) > 1 {
			data = args[1]
		}
	default:
		target, config = argument(args, 0), argument(args, 1)
	}
	if v, ok := config.get("method"); ok {
		method = strings.ToUpper(r.string("method", v))
	}
	if method != "REQUEST" {
		f.Method = method
	}
	if v, ok := config.get("data"); ok {
		data = v
	}
	base, ok := config.get("baseURL")
	if !ok {
		base, _ = defaults.get("baseURL")
	}
	// axios joins the two, instead of resolving one against the other.
	if text, known := target.known(); base.source != "" && !(known && strings.Contains(text, "://")) {
		parts := base.parts()
		end := &parts[len(parts)-1]
		end.text = strings.TrimSuffix(end.text, "/")
		parts = append(append(parts, part{text: "/"}), trimSlash(target.parts())...)
		r.url(value{kind: valueText, text: parts}, value{})
	} else {
		r.url(target, value{})
	}
	for i := range p.tokens[:max(len(p.tokens)-1, 0)] {
		if p.tokens[i].is(".") && p.tokens[i+1].text == "defaults" {
			r.note("The script changes the defaults of axios, which are not read.")
		}
	}
	var header [][2]string
	for _, c := range [...]value{defaults, config} {
		if c.kind != valueObject {
			r.note("The options %s are unknown.", inBackticks(c.source))
		}
		r.spread(c)
		if v, ok := c.get("withCredentials"); ok {
			f.Credentials = v.isTrue()
		}
		if v, ok := c.get("headers"); ok {
			header = append(header, r.headersOf(p, v)...)
		}
	}
	r.setHeaders(lastOfEach(header, strings.ToLower))
	r.jsonBody(data)
}

// trimSlash returns the parts of a URL without a leading slash.
func trimSlash(parts []part) []part {
	if len(parts) > 0 {
		parts[0].text = strings.TrimPrefix(parts[0].text, "/")
	}
	return parts
}

// jsonBody adds the Content-Type that axios sends with an object.
func (r *reader) jsonBody(data value) {
	f := &r.in.Fetch
	if data.kind != valueObject && data.kind != valueArray && (data.kind != valueUnknown || data.source == "") {
		return
	}
	for _, nv := range f.Header {
		if strings.EqualFold(nv[0], "Content-Type") {
			return
		}
	}
	f.Header = append(f.Header, [2]string{"Content-Type", "application/json"})
	if data.kind == valueUnknown {
		r.note("axios sends objects as application/json. It is assumed that %s is an object.", inBackticks(data.source))
		return
	}
	r.note("axios sends objects as application/json.")
}

// ajax reads the arguments of jQuery's ajax function.
func (r *reader) ajax(p *parser, args []value) {
	f := &r.in.Fetch
	options := argument(args, 0)
	if options.kind == valueText {
		r.url(options, value{})
		options = argument(args, 1)
	} else if v, ok := options.get("url"); ok {
		r.url(v, value{})
	}
	if options.kind != valueObject {
		r.note("The options %s are unknown.", inBackticks(options.source))
		return
	}
	r.spread(options)
	for _, name := range [...]string{"type", "method"} {
		if v, ok := options.get(name); ok {
			f.Method = strings.ToUpper(r.string("method", v))
		}
	}
	if v, ok := options.get("headers"); ok {
		r.setHeaders(r.headersOf(p, v))
	}
	if v, ok := options.get("contentType"); ok {
		if text, known := v.known(); known && v.isString {
			f.Header = append(f.Header, [2]string{"Content-Type", text})
		}
	}
	if v, ok := options.get("xhrFields"); ok {
		with, _ := v.get("withCredentials")
		f.Credentials = with.isTrue()
	}
}

// xhr reads the request of an XMLHttpRequest, given the arguments of its open method. Token i is
// the name of the variable.
func (r *reader) xhr(p *parser, i int, args []value) {
	f := &r.in.Fetch
	name := p.tokens[i].text
	f.Method = r.string("method", argument(args, 0))
	if f.Method != "" {
		f.Method = field.NormalizeMethod(f.Method)
	}
	r.url(argument(args, 1), value{})
	var header [][2]string
	for j := 0; j+3 < len(p.tokens); j++ {
		t := p.tokens[j : j+4]
		if t[0].text != name || !t[1].is(".") {
			continue
		}
		switch {
		case t[2].text == "setRequestHeader" && t[3].is("("):
			args, err := p.at(j + 4).list(")")
			if key, ok := argument(args, 0).known(); err == nil && ok {
				header = append(header, [2]string{key, r.headerValue(key, argument(args, 1))})
			}
		case t[2].text == "withCredentials" && t[3].is("="):
			v, err := p.at(j + 4).expression()
			f.Credentials = err == nil && v.isTrue()
		}
	}
	r.setHeaders(header)
}
