package diagnose

import (
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file reads curl commands. A command is split into words by the rules of the shell that it
// was written for, and the words are then read as curl reads them.

// curlStart matches the beginning of a curl command, and what precedes it on its line.
var curlStart = regexp.MustCompile(`(?m)^(?:[ \t]*|` +
	`(?:[^\n'"]|\w'\w)*?[$#%>❯»][ \t]*|➜[^\n'"]*?[ \t]|` + // prompts
	`[^\n]*?(?:&&|\|\|?|;|\$\()[ \t]*|[^\n]*?` + "`" + `|` + // after another command, or within one
	`[ \t]*[@-]+[ \t]*|[ \t]*(?:-[ \t]+)?(?:RUN|run:)[ \t]+|` + // files for make, Docker and GitHub
	`[^\n'"]*?\b(?:docker|podman|kubectl|ssh|env|xargs)[ \t][^\n'"]*?[ \t])` +
	`((?:[A-Za-z_][A-Za-z0-9_]*=\S*[ \t]+|sudo[ \t]+|time[ \t]+)*(?:[\w./\\-]*[/\\])?curl(?:\.exe)?)(?:[ \t]|$)`)

// curl reads a curl command.
func (r *reader) curl() (found bool, err error) {
	m := curlStart.FindStringSubmatchIndex(r.text)
	if m == nil {
		return false, nil
	}
	w := &commandLine{text: r.text, pos: m[3], line: 1 + strings.Count(r.text[:m[3]], "\n")}
	if m[2] > 0 && r.text[m[2]-1] == '`' { // the command ends at the other backtick
		if i := strings.IndexByte(r.text[w.pos:], '`'); i >= 0 {
			w.text = r.text[:w.pos+i]
		}
	}
	if w.isCmd() {
		err = w.splitCmd()
	} else {
		err = w.splitShell()
	}
	if err != nil {
		return false, err
	}
	r.in.Kind = KindCurl
	for _, name := range w.variables {
		r.note("The value of the shell variable %s is unknown.", name)
	}
	if w.endsAtAmpersand {
		r.note("The command ends at the character &, because it is not in quotes. Quote the URL.")
	}
	if next := strings.TrimLeft(w.text[w.pos:], " \t\n"); strings.HasPrefix(next, "-") && next != "" {
		r.note("The command ends on line %d, because there is no %s at the end of the line.", w.line, w.continuation)
	}
	return true, r.curlCommand(w.words)
}

// curlOptions are the options that matter, by their long names, and what else takes an argument.
// The short name of an option is mapped to the long one.
var (
	curlShort = map[byte]string{
		'A': "user-agent", 'b': "cookie", 'd': "data", 'e': "referer", 'F': "form", 'G': "get", 'H': "header",
		'I': "head", 'r': "range", 'T': "upload-file", 'u': "user", 'X': "request", ':': "next",
		'c': "cookie-jar", 'C': "continue-at", 'D': "dump-header", 'E': "cert", 'K': "config", 'm': "max-time",
		'o': "output", 'P': "ftp-port", 'Q': "quote", 't': "telnet-option", 'U': "proxy-user", 'w': "write-out",
		'x': "proxy", 'y': "speed-time", 'Y': "speed-limit", 'z': "time-cond",
	}

	// curlArguments are the long options that take an argument.
	curlArguments = func() map[string]bool {
		m := map[string]bool{}
		for _, name := range strings.Fields(`
			abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout
			connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary
			data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url
			dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account
			ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip
			header hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key
			key-type krb libcurl limit-rate local-port login-options mail-auth mail-from mail-rcpt max-filesize
			max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey
			preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type
			proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey
			proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user
			proxy1.0 pubkey quote random-file range rate referer request request-target resolve retry retry-delay
			retry-max-time sasl-authzid service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname
			speed-limit speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype
			tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file url url-query user user-agent
			variable vlan-priority write-out`) {
			m[name] = true
		}
		return m
	}()
)

// curlFlags are options without an argument whose names are also the beginnings of other names.
var curlFlags = []string{
	"get", "head", "help", "include", "insecure", "keepalive", "location", "netrc", "next", "parallel",
}

// longOption returns the long option with a name, which may be abbreviated as long as it is unique.
func longOption(name string) string {
	if curlArguments[name] || slices.Contains(curlFlags, name) || len(name) < 3 {
		return name
	}
	var found []string
	for _, names := range [...]iter.Seq[string]{maps.Keys(curlArguments), slices.Values(curlFlags)} {
		for long := range names {
			if strings.HasPrefix(long, name) {
				found = append(found, long)
			}
		}
	}
	// Of request and request-target, request is meant.
	slices.Sort(found)
	differs := func(other string) bool { return !strings.HasPrefix(other, found[0]) }
	if len(found) == 0 || slices.ContainsFunc(found, differs) {
		return name
	}
	return found[0]
}

// curlRequest is what the options of a curl command say.
type curlRequest struct {
	r       *reader
	method  string
	urls    []string
	header  [][2]string
	data    []string
	hasData bool
	asQuery bool // -G
	head    bool // -I
	form    bool
	upload  bool
	query   []string // --url-query
	done    bool
}

// curlCommand reads the words of a command after "curl".
func (r *reader) curlCommand(words []word) error {
	c := &curlRequest{r: r}
	for i := 0; i < len(words) && !c.done; i++ {
		w := words[i].text
		// next returns the argument of an option.
		next := func(name string) (string, error) {
			if i++; i >= len(words) {
				return "", fmt.Errorf("line %d: curl's option %s needs an argument", words[i-1].line, name)
			}
			return words[i].text, nil
		}
		switch {
		case strings.HasPrefix(w, "--") && len(w) > 2:
			name, value, hasValue := strings.Cut(w[2:], "=")
			name = longOption(name)
			if !curlArguments[name] {
				c.option(name, "")
				continue
			}
			if !hasValue {
				var err error
				if value, err = next(w); err != nil {
					return err
				}
			}
			c.option(name, value)
		case strings.HasPrefix(w, "-") && len(w) > 1 && w != "--":
			for j := 1; j < len(w); j++ {
				name := curlShort[w[j]]
				if !curlArguments[name] {
					c.option(name, "")
					continue
				}
				value := w[j+1:]
				if value == "" {
					var err error
					if value, err = next("-" + w[j:j+1]); err != nil {
						return err
					}
				}
				c.option(name, value)
				break
			}
		case w != "--" && w != "-":
			c.urls = append(c.urls, w)
		}
	}
	return c.finish(words)
}

// option applies an option. The value is "" if the option takes no argument.
func (c *curlRequest) option(name, value string) {
	switch name {
	case "request":
		c.method = value
	case "header":
		c.addHeader(value)
	case "data", "data-ascii", "data-raw", "data-binary", "data-urlencode":
		c.hasData, c.data = true, append(c.data, value)
	case "json":
		c.hasData = true
		c.setDefault("Content-Type", "application/json")
		c.setDefault("Accept", "application/json")
	case "form", "form-string":
		c.form = true
	case "upload-file":
		c.upload = true
	case "get":
		c.asQuery = true
	case "head":
		c.head = true
	case "user":
		c.setDefault("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(value)))
		c.r.note("curl sends the user and the password in the header Authorization. " +
			"It is read as if the page set this header itself.")
	case "oauth2-bearer":
		c.setDefault("Authorization", "Bearer "+value)
	case "aws-sigv4":
		c.setDefault("Authorization", "AWS4-HMAC-SHA256 ...")
		c.setDefault("X-Amz-Date", "...")
	case "cookie":
		c.header = append(c.header, [2]string{"Cookie", value})
	case "user-agent":
		c.header = append(c.header, [2]string{"User-Agent", value})
	case "referer":
		c.header = append(c.header, [2]string{"Referer", strings.TrimSuffix(value, ";auto")})
	case "range":
		c.setDefault("Range", "bytes="+value)
	case "url":
		c.urls = append(c.urls, value)
	case "url-query":
		c.query = append(c.query, value)
	case "config":
		c.r.note("The options in the file %s are unknown.", quoted(value))
	case "next":
		c.r.note("The command has several requests. Only the first one is read.")
		c.done = true
	}
}

// addHeader reads the argument of -H.
func (c *curlRequest) addHeader(text string) {
	if strings.HasPrefix(text, "@") {
		c.r.note("The headers in the file %s are unknown.", quoted(text[1:]))
		return
	}
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		// "Name;" is a header with an empty value.
		if name, ok = strings.CutSuffix(text, ";"); ok {
			c.header = append(c.header, [2]string{name, ""})
			return
		}
		c.r.note("curl ignores the header %s, because it has no colon.", quoted(text))
		return
	}
	if value = trimValue(value); value == "" {
		return // "Name:" removes a header that curl sets itself
	}
	c.header = append(c.header, [2]string{name, value})
}

// setDefault sets a header that an option other than -H implies. A header that is set with -H wins,
// wherever it is in the command.
func (c *curlRequest) setDefault(name, value string) {
	c.header = append(c.header, [2]string{"\x00" + name, value})
}

// finish sets the request.
func (c *curlRequest) finish(words []word) error {
	if len(c.urls) == 0 {
		line := 1
		if len(words) > 0 {
			line = words[0].line
		}
		return fmt.Errorf("line %d: the curl command has no URL", line)
	}
	if len(c.urls) > 1 {
		c.r.note("The command has several URLs. Only the first one is read.")
	}
	method := "GET"
	switch {
	case c.method != "":
		method = c.method
	case c.head:
		method = "HEAD"
	case c.upload:
		method = "PUT"
	case (c.hasData || c.form) && !c.asQuery:
		method = "POST"
	}
	if c.hasData && !c.asQuery {
		c.setDefault("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.form {
		c.setDefault("Content-Type", "multipart/form-data")
	}
	header := c.resolveDefaults()
	c.r.set(method, header)
	target := withScheme(c.urls[0])
	if target != c.urls[0] {
		c.r.note("The URL has no scheme. It is assumed to be %s.", target[:strings.Index(target, "://")])
	}
	if c.asQuery {
		c.query = append(c.data, c.query...)
	}
	if len(c.query) > 0 {
		separator := "?"
		if strings.Contains(target, "?") {
			separator = "&"
		}
		target += separator + strings.Join(c.query, "&")
	}
	if u, err := url.Parse(target); err == nil && u.User != nil {
		c.r.note("The user name in the URL is left out. Browsers refuse such URLs in fetch.")
		u.User = nil
		target = u.String()
	}
	c.r.in.Fetch.URL = target
	return nil
}

// resolveDefaults returns the headers. The first default of a header counts, unless -H sets it.
func (c *curlRequest) resolveDefaults() [][2]string {
	set := map[string]bool{}
	for _, nv := range c.header {
		set[strings.ToLower(nv[0])] = true
	}
	var header [][2]string
	for _, nv := range c.header {
		name, isDefault := strings.CutPrefix(nv[0], "\x00")
		if key := strings.ToLower(name); isDefault {
			if set[key] {
				continue
			}
			set[key] = true
		}
		header = append(header, [2]string{name, nv[1]})
	}
	return header
}

// word is a word of a command line, without its quotes.
type word struct {
	text string
	line int
}

// commandLine splits a command line.
type commandLine struct {
	text         string
	pos, line    int
	words        []word
	variables    []string // the shell variables in the command
	continuation string   // the character that continues a line

	endsAtAmpersand bool // whether the command ends at an ampersand that probably is a part of the URL
}

const openQuote = "line %d: the quote %s has no end"

// splitShell splits a command by the rules of POSIX shells and bash
// (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02).
func (w *commandLine) splitShell() error {
	w.continuation = `\`
	var b strings.Builder
	inWord, inRedirection, start := false, false, w.line
	end := func() {
		if inWord && !inRedirection {
			w.words = append(w.words, word{b.String(), start})
		}
		if inWord {
			inRedirection = false // the word was the file
		}
		b.Reset()
		inWord = false
	}
	for w.pos < len(w.text) {
		c := w.text[w.pos]
		if !inWord {
			start = w.line
		}
		switch c {
		case ' ', '\t':
			end()
			w.pos++
		case '<', '>', '&':
			if m := placeholder.FindString(w.text[w.pos:]); m != "" {
				inWord = true
				b.WriteString(m)
				w.pos += len(m)
				continue
			}
			if c != '&' && strings.Trim(b.String(), "0123456789") == "" {
				inWord = false // the number of a file, as in 2>
			}
			text := b.String()
			end()
			m := redirection.FindStringSubmatch(w.text[w.pos:])
			if m == nil {
				w.ampersand(text)
				return nil
			}
			w.pos += len(m[0])
			inRedirection = m[1] == ""
		case '`':
			if !w.atLineEnd(w.pos + 1) {
				inWord = true
				b.WriteByte(c)
				w.pos++
				continue
			}
			inWord = w.backslash(&b) || inWord // PowerShell
		case '\n', ';', '|', ')':
			end()
			return nil
		case '#':
			if !inWord {
				w.skipLine()
				return nil
			}
			b.WriteByte(c)
			w.pos++
		case '\\':
			inWord = w.backslash(&b) || inWord
		case '\'', '"':
			inWord = true
			w.pos++
			if err := w.quote(&b, c); err != nil {
				return err
			}
		case '$':
			inWord = true
			if err := w.dollar(&b); err != nil {
				return err
			}
		default:
			inWord = true
			b.WriteByte(c)
			w.pos++
		}
	}
	end()
	return nil
}

var (
	// placeholder matches a part that the reader has to replace, such as <id>.
	placeholder = regexp.MustCompile(`^<[A-Za-z_][A-Za-z0-9_-]*>`)
	// redirection matches the beginning of a redirection, which may end with the number of a file.
	redirection = regexp.MustCompile(`^(?:&>>?|>>|>\||<<<?-?|<>|[<>])(&[0-9-]+)?`)
)

// ampersand is called at an ampersand, or at another sign that ends the command. The argument text
// is the word before it.
func (w *commandLine) ampersand(text string) {
	rest := w.text[w.pos:]
	w.endsAtAmpersand = strings.HasPrefix(rest, "&") && !strings.HasPrefix(rest, "&&") && strings.Contains(text, "?")
}

// atLineEnd reports whether only spaces are on the line after a position, and another line follows.
func (w *commandLine) atLineEnd(pos int) bool {
	return strings.HasPrefix(strings.TrimLeft(w.text[pos:], " \t"), "\n")
}

// backslash reads a backslash outside of quotes, and what follows it. It returns false if the
// backslash continues the line.
func (w *commandLine) backslash(b *strings.Builder) bool {
	w.pos++
	rest := strings.TrimLeft(w.text[w.pos:], " \t")
	if strings.HasPrefix(rest, "\n") { // also with spaces after the backslash, a common mistake
		w.pos = len(w.text) - len(rest) + 1
		w.line++
		return false
	}
	if w.pos == len(w.text) {
		return false
	}
	b.WriteByte(w.text[w.pos])
	w.pos++
	return true
}

// dollar reads a variable or a string in quotes that begins with a dollar sign.
func (w *commandLine) dollar(b *strings.Builder) error {
	switch rest := w.text[w.pos:]; {
	case strings.HasPrefix(rest, "$'"):
		w.pos += 2
		return w.ansiQuote(b)
	case strings.HasPrefix(rest, `$"`):
		w.pos++ // the quote is read next
	default:
		w.variable(b)
	}
	return nil
}

// skipLine moves to the end of the line.
func (w *commandLine) skipLine() {
	if i := strings.IndexByte(w.text[w.pos:], '\n'); i >= 0 {
		w.pos += i
		return
	}
	w.pos = len(w.text)
}

// quote reads a quoted string after its opening quote.
func (w *commandLine) quote(b *strings.Builder, q byte) error {
	start := w.line
	for w.pos < len(w.text) {
		c := w.text[w.pos]
		switch {
		case c == q:
			w.pos++
			return nil
		case q == '"' && c == '$':
			w.variable(b)
			continue
		case q == '"' && c == '\\' && w.pos+1 < len(w.text):
			next := w.text[w.pos+1]
			if next == '\n' {
				w.line++
				w.pos += 2
				continue
			}
			if strings.IndexByte("$`\"\\", next) >= 0 {
				c = next
				w.pos++
			}
		case c == '\n':
			w.line++
		}
		b.WriteByte(c)
		w.pos++
	}
	return fmt.Errorf(openQuote, start, string(rune(q)))
}

// variable reads a shell variable such as $TOKEN or ${TOKEN}, and keeps it unchanged.
func (w *commandLine) variable(b *strings.Builder) {
	const longest = 200 // a longer one is not read as a variable
	m := shellVariable.FindString(w.text[w.pos:min(w.pos+longest, len(w.text))])
	if m == "" {
		b.WriteByte('$')
		w.pos++
		return
	}
	if len(w.variables) < 10 {
		w.variables = append(w.variables, m)
	}
	b.WriteString(m)
	w.line += strings.Count(m, "\n")
	w.pos += len(m)
}

var shellVariable = regexp.MustCompile(`^\$(?:[A-Za-z_][A-Za-z0-9_]*|\{[^}]*\}|\([^()]*\))`)

// ansiQuote reads a string after $', in which a backslash begins an escape.
func (w *commandLine) ansiQuote(b *strings.Builder) error {
	start := w.line
	for w.pos < len(w.text) {
		c := w.text[w.pos]
		w.pos++
		switch c {
		case '\'':
			return nil
		case '\n':
			w.line++
		case '\\':
			w.escape(b)
			continue
		}
		b.WriteByte(c)
	}
	return fmt.Errorf(openQuote, start, "$'")
}

var ansiEscapes = map[byte]byte{
	'a': '\a', 'b': '\b', 'e': 0x1b, 'E': 0x1b, 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v',
}

// escape reads an escape after its backslash.
func (w *commandLine) escape(b *strings.Builder) {
	if w.pos >= len(w.text) {
		return
	}
	c := w.text[w.pos]
	w.pos++
	// number reads up to n digits.
	number := func(base, n int) (uint64, bool) {
		end := w.pos
		for end < len(w.text) && end < w.pos+n {
			if _, err := strconv.ParseUint(w.text[end:end+1], base, 8); err != nil {
				break
			}
			end++
		}
		v, err := strconv.ParseUint(w.text[w.pos:end], base, 32)
		w.pos = end
		return v, err == nil
	}
	switch {
	case c == 'x':
		if v, ok := number(16, 2); ok {
			b.WriteByte(byte(v))
		}
	case c == 'u' || c == 'U':
		if v, ok := number(16, map[byte]int{'u': 4, 'U': 8}[c]); ok {
			b.WriteRune(rune(v))
		}
	case '0' <= c && c <= '7':
		w.pos--
		if v, ok := number(8, 3); ok {
			b.WriteByte(byte(v))
		}
	case c == '\n':
		w.line++
		b.WriteString("\\\n")
	case ansiEscapes[c] != 0:
		b.WriteByte(ansiEscapes[c])
	default: // \\, \', \" and \?, and what is not an escape
		if strings.IndexByte(`\'"?`, c) < 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
}

var (
	caret     = regexp.MustCompile(`\^[ \t]*(?:\n|$)|[ \t=]\^"`)
	continued = regexp.MustCompile("^[^\n]*[\\\\^`][ \t]*\n")
)

// isCmd reports whether the command is for the Windows command prompt, which its carets show. Text
// after the command may also contain carets.
func (w *commandLine) isCmd() bool {
	rest := w.text[w.pos:]
	end := 0
	for m := continued.FindString(rest); m != ""; m = continued.FindString(rest[end:]) {
		end += len(m)
	}
	last, _, _ := strings.Cut(rest[end:], "\n")
	return caret.MatchString(rest[:end+len(last)])
}

// splitCmd splits a command by the rules of the Windows command prompt and of programs in C. The
// command prompt first removes the carets. The program then splits what remains.
func (w *commandLine) splitCmd() error {
	w.continuation = "^"
	var line strings.Builder
	var lines []int // the line of each byte
	add := func(c byte) {
		line.WriteByte(c)
		lines = append(lines, w.line)
	}
	quoted := false
scan:
	for ; w.pos < len(w.text); w.pos++ {
		c := w.text[w.pos]
		switch {
		case c == '^' && !quoted && w.pos+1 < len(w.text):
			rest := strings.TrimLeft(w.text[w.pos+1:], " \t")
			if strings.HasPrefix(rest, "\n") {
				w.pos = len(w.text) - len(rest)
				w.line++
				// A second line break is not a continuation but a part of the text.
				if strings.HasPrefix(rest[1:], "\n") {
					w.pos++
					add('\n')
					w.line++
				} else {
					add(' ')
				}
				continue
			}
			w.pos++
			add(w.text[w.pos])
		case quoted && strings.HasPrefix(w.text[w.pos:], `^\^"`): // older versions of Chromium
			add('\\')
			add('"')
			w.pos += len(`\^"`)
		case c == '^' && !quoted:
		case c == '\n':
			break scan
		case !quoted && strings.IndexByte("&|<>", c) >= 0:
			text := line.String()
			w.ampersand(text[strings.LastIndexByte(text, ' ')+1:])
			break scan
		case c == '"':
			quoted = !quoted
			add(c)
		default:
			add(c)
		}
	}
	return w.splitArguments(line.String(), lines)
}

// splitArguments splits a command line as programs in C do on Windows
// (https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments).
func (w *commandLine) splitArguments(text string, lines []int) error {
	var b strings.Builder
	inWord, quoted, start := false, false, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !inWord {
			start = i
		}
		switch {
		case c == '\\':
			n := 0
			for i < len(text) && text[i] == '\\' {
				n++
				i++
			}
			inWord = true
			if i < len(text) && text[i] == '"' {
				b.WriteString(strings.Repeat(`\`, n/2))
				if n%2 == 1 {
					b.WriteByte('"')
					continue
				}
			} else {
				b.WriteString(strings.Repeat(`\`, n))
			}
			i--
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		case c == '"':
			quoted, inWord = !quoted, true
		case !quoted && (c == ' ' || c == '\t'):
			if inWord {
				w.words = append(w.words, word{b.String(), lines[start]})
				b.Reset()
			}
			inWord = false
		default:
			inWord = true
			b.WriteByte(c)
		}
	}
	if quoted {
		return fmt.Errorf(openQuote, lines[start], `"`)
	}
	if inWord {
		w.words = append(w.words, word{b.String(), lines[start]})
	}
	if len(w.words) == 0 {
		return errors.New("the curl command is empty")
	}
	return nil
}
