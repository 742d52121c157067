package regex

import (
	"strings"
	"sync"
)

// alphabet has every character of an origin as a browser sends it. A set of characters is a charSet, a bit for each.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.:/[]+"

type charSet uint64

const (
	letters charSet = 1<<26 - 1
	digits  charSet = (1<<10 - 1) << 26
	// labelChars are the characters of a label of a host.
	labelChars charSet = 1<<(26+10+2) - 1
)

// index returns the place of an origin's character in the alphabet.
func index(c byte) int { return int(indexes[c]) }

var indexes = func() (t [256]int8) {
	for i := range t {
		t[i] = int8(strings.IndexByte(alphabet, byte(i)))
	}
	return t
}()

// scheme is the kind of origin that a match turns out to be.
type scheme uint8

const (
	https    scheme = 1 << iota
	http            // beyond loopback
	app             // any other scheme, such as chrome-extension
	loopback        // http and https on the visitor's own machine: http://localhost, https://127.0.0.1
)

// The grammar of origins is an automaton that reads them from their end: the port, the host, then the scheme. It knows
// labels, IPv4 addresses and loopback. It does not know lengths, so it takes some texts that are too long to be origins.
type grammar struct {
	next   [][]uint16 // by state and class of characters; dead if no origin has that character there
	scheme []scheme   // by state: what the text is if it begins there, 0 if it cannot
	starts [2]uint16  // at the end of an origin without and with a port
	ip     []bool     // by state: the host ends in a number, so it is an IPv4 address
	atEnd  []bool     // by state: nothing has been read
	// Characters of one class lead to the same state everywhere.
	classes []charSet
	classOf [len(alphabet)]uint8
}

const dead = 0

// position is how far the grammar has read. Texts are in the order in which they are read: reversed.
type position struct {
	part part
	// text is what has been read of a text that matters: of "localhost" in the last label, of "127" in the first
	// number of an address, of "[::1]", of the name of a scheme; other if it is not that text.
	text     string
	digits   int  // in this number, up to 4: too many
	zero     bool // the character before was the digit 0
	hyphen   bool // the character before was a hyphen
	octet    int  // which number of an IPv4 address
	loopback bool
}

type part uint8

const (
	nowhere part = iota
	endWithoutPort
	endWithPort
	inPort
	hostStart
	inLastLabel
	inLastNumber // a last label of digits so far
	labelStart
	inLabel
	numberStart // of an IPv4 address
	inNumber
	inIPv6
	afterIPv6
	firstSlash
	secondSlash
	schemeStart
	inScheme
)

const (
	other      = "*"
	localhost  = "tsohlacol"
	loopbackV6 = "]1::["
	net127     = "721"
)

var origins = sync.OnceValue(func() *grammar {
	g := &grammar{}
	ids := map[position]uint16{{}: dead}
	places := []position{{}}
	id := func(p position) uint16 {
		if _, ok := ids[p]; !ok {
			ids[p] = uint16(len(places))
			places = append(places, p)
		}
		return ids[p]
	}
	g.starts = [2]uint16{id(position{part: endWithoutPort}), id(position{part: endWithPort})}
	var rows [][len(alphabet)]uint16
	for i := 0; i < len(places); i++ {
		var row [len(alphabet)]uint16
		for c := range row {
			row[c] = id(places[i].read(alphabet[c]))
		}
		rows = append(rows, row)
		g.scheme = append(g.scheme, places[i].scheme())
		g.ip = append(g.ip, places[i].part == inLastNumber || places[i].part == numberStart || places[i].part == inNumber)
		g.atEnd = append(g.atEnd, places[i].part == endWithoutPort || places[i].part == endWithPort)
	}
	g.classify(rows)
	return g
})

// classify puts characters that lead to the same states into one class.
func (g *grammar) classify(rows [][len(alphabet)]uint16) {
	g.next = make([][]uint16, len(rows))
	for c := range alphabet {
		same := -1
		for k, class := range g.classes {
			first := 0
			for class>>first&1 == 0 {
				first++
			}
			equal := true
			for _, row := range rows {
				equal = equal && row[c] == row[first]
			}
			if equal {
				same = k
			}
		}
		if same < 0 {
			same = len(g.classes)
			g.classes = append(g.classes, 0)
			for s, row := range rows {
				g.next[s] = append(g.next[s], row[c])
			}
		}
		g.classes[same] |= 1 << c
		g.classOf[c] = uint8(same)
	}
}

// follow returns text with c, or other if that is no beginning of want.
func follow(text string, c byte, want string) string {
	if text != other && strings.HasPrefix(want, text+string(c)) {
		return text + string(c)
	}
	return other
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLabel(c byte) bool  { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }

// read returns the position after the character c, which precedes it in the origin.
func (p position) read(c byte) position {
	switch p.part {
	case endWithPort, inPort:
		switch {
		case isDigit(c) && p.digits < 5:
			return position{part: inPort, digits: p.digits + 1, zero: c == '0'}
		case c == ':' && p.digits > 0 && !p.zero:
			return position{part: hostStart}
		}
	case endWithoutPort, hostStart:
		switch {
		case c == ']':
			return position{part: inIPv6, text: "]"}
		case isDigit(c):
			return position{part: inLastNumber, digits: 1, zero: c == '0', text: follow("", c, net127)}
		case isLabel(c) && c != '-':
			return position{part: inLastLabel, text: follow("", c, localhost)}
		}
	case inIPv6:
		switch {
		case c == '[':
			return position{part: afterIPv6, loopback: p.text+"[" == loopbackV6}
		case isDigit(c) || 'a' <= c && c <= 'f' || c == ':':
			return position{part: inIPv6, text: follow(p.text, c, loopbackV6)}
		}
	case afterIPv6:
		if c == '/' {
			return position{part: firstSlash, loopback: p.loopback}
		}
	case firstSlash:
		if c == '/' {
			return position{part: secondSlash, loopback: p.loopback}
		}
	case secondSlash:
		if c == ':' {
			return position{part: schemeStart, loopback: p.loopback}
		}
	case schemeStart, inScheme:
		if isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.' {
			return position{part: inScheme, loopback: p.loopback, text: p.followScheme(c), zero: !isLetter(c)}
		}
	default:
		return p.readHost(c)
	}
	return position{}
}

// followScheme returns what has been read of the name of a scheme that matters. A name that begins with a digit is
// no name, which is remembered as zero.
func (p position) followScheme(c byte) string {
	if p.text == other {
		return other
	}
	for _, name := range [...]string{"sptth", "ptth", "elif"} {
		if text := follow(p.text, c, name); text != other {
			return text
		}
	}
	return other
}

// readHost reads labels and numbers.
func (p position) readHost(c byte) position {
	inWord := p.part == inLastLabel || p.part == inLabel || p.part == inLastNumber || p.part == inNumber
	address := p.part == inLastNumber || p.part == inNumber || p.part == numberStart
	number := p.digits > 0 && p.digits < 4 && (p.digits == 1 || !p.zero)
	switch {
	case c == '/' && inWord && !p.hyphen && (!address || number && p.octet == 3):
		return position{part: firstSlash, loopback: p.text == net127 && address || p.loopback || p.text == localhost}
	case c == '.' && inWord && !p.hyphen && !address:
		return position{part: labelStart, loopback: p.loopback || p.text == localhost}
	case c == '.' && inWord && address && number && p.octet < 3:
		return position{part: numberStart, octet: p.octet + 1}
	case p.part == inLastLabel && isLabel(c):
		return position{part: inLastLabel, text: follow(p.text, c, localhost), hyphen: c == '-'}
	case (p.part == labelStart || p.part == inLabel) && isLabel(c) && (c != '-' || inWord):
		return position{part: inLabel, loopback: p.loopback, hyphen: c == '-'}
	case address && isDigit(c):
		return position{part: p.part + part(one(p.part == numberStart)), octet: p.octet, digits: min(p.digits+1, 4), zero: c == '0', text: follow(p.text, c, net127)}
	case p.part == inLastNumber && isLabel(c):
		return position{part: inLastLabel, text: other, hyphen: c == '-'}
	}
	return position{}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// scheme says what the text is if it begins here.
func (p position) scheme() scheme {
	if p.part != inScheme || p.zero {
		return 0
	}
	switch {
	case p.text == "elif":
		return 0 // a file's origin is opaque
	case p.text != "sptth" && p.text != "ptth":
		return app
	case p.loopback:
		return loopback
	case p.text == "sptth":
		return https
	}
	return http
}
