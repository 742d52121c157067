package regex

import (
	"strings"
	"sync"
)

// The grammar of origins as an automaton.
//
// The automaton reads an origin from its end: first the port, then the host, then the scheme. Each
// state corresponds to a position. A position says which part of an origin the last character
// belongs to, and what must be known about the characters read so far, for example whether the last
// label is "localhost". The function position.read contains the rules. The automaton is built once,
// by calling read for the two start positions and for all positions that it returns.
//
// The automaton accepts every origin that a policy can match against an expression. It also accepts
// some other strings, because it does not count the characters of a host, and does not fully check
// IPv6 addresses. Therefore, a statement that is true for all accepted strings is true for all
// origins. Before a string is reported as an origin, it is parsed. The automaton does not accept
// hosts with an empty label, such as example.com., because a policy never matches them against an
// expression.

// alphabet contains every character that may occur in an origin.
const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.:/[]+"

// charSet is a set of characters. Bit i is the character alphabet[i].
type charSet uint64

const (
	letters charSet = 1<<26 - 1
	digits  charSet = (1<<10 - 1) << 26
	// labelChars contains the characters that a label of a host may contain.
	labelChars charSet = 1<<(26+10+2) - 1
)

// index returns the index of c in the alphabet, or -1 if it is not there.
func index(c byte) int { return int(indexes[c]) }

var indexes = func() (t [256]int8) {
	for i := range t {
		t[i] = int8(strings.IndexByte(alphabet, byte(i)))
	}
	return t
}()

// scheme is a set of kinds of origins, with one bit for each kind.
type scheme uint8

const (
	https    scheme = 1 << iota
	http            // other than loopback
	app             // any other scheme, such as chrome-extension
	loopback        // http and https with a loopback host, such as http://localhost
)

// grammar is a finite automaton that reads origins from their end.
type grammar struct {
	next   [][]uint16 // by state and class of characters: the next state, or dead
	scheme []scheme   // by state: the kind of origin if the text begins here, or 0 if it cannot
	starts [2]uint16  // the states at the end of an origin without and with a port
	ip     []bool     // by state: the host ends in a number, so it is an IPv4 address
	atEnd  []bool     // by state: nothing has been read
	// classes divides the alphabet into sets of characters that are equivalent. In every state, all
	// characters of a class lead to the same next state.
	classes []charSet
	classOf [len(alphabet)]uint8
}

// dead is the state from which no origin can be completed.
const dead = 0

// position describes what has been read of an origin. Each state of the grammar corresponds to one
// position.
type position struct {
	part part
	// text contains the characters read so far, if they are the end of a significant name. These
	// names are localhost as the last label, 127 as the first number of an address, [::1], and some
	// schemes. The characters are in the order in which they were read, so the name is reversed. If
	// they are not the end of such a name, text is other.
	text     string
	digits   int  // how many digits this number has; 4 are too many in an address, 6 in a port
	zero     bool // the last character was the digit 0
	octet    int  // how many numbers of an IPv4 address are complete
	loopback bool // the host is loopback
	noHost   bool // the origin has no host, such as qrc://
}

// part identifies the part of an origin that is being read.
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

// origins returns the grammar of origins.
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

// classify computes the classes and the transitions between states. Characters that lead to the
// same state from every state belong to the same class.
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

// follow appends c to text. It returns other if the result is not a prefix of want.
func follow(text string, c byte, want string) string {
	if text != other && strings.HasPrefix(want, text+string(c)) {
		return text + string(c)
	}
	return other
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLabel(c byte) bool  { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }

// read returns the position after c has been read. In the origin, c is before the characters that
// were read earlier.
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
		case c == '/' && p.part == endWithoutPort:
			return position{part: firstSlash, noHost: true}
		case c == ']':
			return position{part: inIPv6, text: "]"}
		case isDigit(c):
			return position{part: inLastNumber, digits: 1, zero: c == '0', text: follow("", c, net127)}
		case isLabel(c):
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
			return position{part: secondSlash, loopback: p.loopback, noHost: p.noHost}
		}
	case secondSlash:
		if c == ':' {
			return position{part: schemeStart, loopback: p.loopback, noHost: p.noHost}
		}
	case schemeStart, inScheme:
		if isLetter(c) || isDigit(c) || c == '+' || c == '-' || c == '.' {
			return position{
				part: inScheme, loopback: p.loopback, noHost: p.noHost, text: p.followScheme(c), zero: !isLetter(c),
			}
		}
	default:
		return p.readHost(c)
	}
	return position{}
}

// followScheme calls follow with each of the significant schemes.
func (p position) followScheme(c byte) string {
	if p.text == other {
		return other
	}
	for _, name := range [...]string{"sptth", "ptth", "elif", "sw", "ssw", "ptf"} {
		if text := follow(p.text, c, name); text != other {
			return text
		}
	}
	return other
}

// readHost implements read for characters within labels and IPv4 addresses.
func (p position) readHost(c byte) position {
	inWord := p.part == inLastLabel || p.part == inLabel || p.part == inLastNumber || p.part == inNumber
	address := p.part == inLastNumber || p.part == inNumber || p.part == numberStart
	number := p.digits > 0 && p.digits < 4 && (p.digits == 1 || !p.zero)
	switch {
	case c == '/' && inWord && (!address || number && p.octet == 3):
		return position{part: firstSlash, loopback: p.text == net127 && address || p.loopback || p.text == localhost}
	case c == '.' && inWord && !address:
		return position{part: labelStart, loopback: p.loopback || p.text == localhost}
	case c == '.' && inWord && address && number && p.octet < 3:
		return position{part: numberStart, octet: p.octet + 1}
	case p.part == inLastLabel && isLabel(c):
		return position{part: inLastLabel, text: follow(p.text, c, localhost)}
	case (p.part == labelStart || p.part == inLabel) && isLabel(c):
		return position{part: inLabel, loopback: p.loopback}
	case address && isDigit(c):
		next := p.part
		if next == numberStart {
			next = inNumber
		}
		return position{
			part: next, octet: p.octet, digits: min(p.digits+1, 4), zero: c == '0', text: follow(p.text, c, net127),
		}
	case p.part == inLastNumber && isLabel(c):
		return position{part: inLastLabel, text: other}
	}
	return position{}
}

// scheme returns the kind of the origin if it begins at this position, or 0 if no origin can begin
// here. Within a scheme, p.zero means that the last character was not a letter, so the scheme
// cannot begin with it.
func (p position) scheme() scheme {
	if p.part != inScheme || p.zero {
		return 0
	}
	switch {
	case p.text == "elif" || p.text == "sw" || p.text == "ssw" || p.text == "ptf":
		return 0 // the origin of a file is opaque, and no page has the others
	case p.text != "sptth" && p.text != "ptth":
		return app
	case p.noHost:
		return 0
	case p.loopback:
		return loopback
	case p.text == "sptth":
		return https
	}
	return http
}
