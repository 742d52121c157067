package settings

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// This file explains why a text is not valid JSON. The text may have another format, or contain a
// mistake.

// The first line of other formats.
var (
	yamlLine = regexp.MustCompile(`^(?:---|%YAML|- |["']?[A-Za-z_][\w.-]*["']?:(?:\s|$))`)
	envLine  = regexp.MustCompile(`^(?:export\s+)?[A-Z_][A-Z0-9_]*=`)
	tomlLine = regexp.MustCompile(`^(?:\[\[?[A-Za-z_][\w.-]*\]\]?|[A-Za-z_][\w.-]*\s*=.*)$`)
	goLine   = regexp.MustCompile(`^(?:package \w|import |func |type |\w+ := |&?(?:\w+\.)?\w+\{|\[\]\w+\{)`)
	jsLine   = regexp.MustCompile(`^(?:module\.exports|exports\.|export |import |const |let |var |app\.use|require\()`)
	xmlLine  = regexp.MustCompile(`^<(?:\?xml|!--|[A-Za-z])`)
	htmlLine = regexp.MustCompile(`(?i)^<(?:!doctype html|html|head|body)`)
)

const asJSON = `write it as JSON, such as {"allow_origins": ["https://app.example.com"]}`

// explainFormat returns the rule and the fix for text in another format than JSON. It returns "" if
// the text is probably JSON with a mistake.
func explainFormat(text string) (rule, fix string) {
	line := ""
	for rest := strings.TrimSpace(text); rest != ""; {
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		isComment := strings.HasPrefix(line, "#") || strings.HasPrefix(line, "//")
		if line != "" && !isComment {
			break
		}
		rest = strings.TrimSpace(rest)
	}
	switch {
	case strings.TrimSpace(text) == "":
		return "the text is empty", "write {} if there are no settings"
	case htmlLine.MatchString(line):
		return "this is an HTML page, not JSON", "check where it was read from"
	case xmlLine.MatchString(line):
		return "this is XML, not JSON", asJSON
	case envLine.MatchString(line):
		return "these are environment variables, not JSON", "set them in the environment, and read them with FromEnv"
	case goLine.MatchString(line):
		return "this is Go code, not JSON", asJSON
	case jsLine.MatchString(line):
		return "this is JavaScript, not JSON", asJSON
	case yamlLine.MatchString(line):
		return "this is YAML, not JSON", asJSON
	case tomlLine.MatchString(line):
		return "this is TOML, not JSON", asJSON
	}
	return "", ""
}

// comment matches the beginning of a comment, which JSON does not allow.
var comment = regexp.MustCompile(`^(?://|/\*|#)`)

// word matches a word at the beginning of the text that has not been read.
var word = regexp.MustCompile(`^[A-Za-z_][\w-]*`)

// explain returns the rule and the fix for a syntax error. The argument what is the message of the
// JSON decoder, and end is the offset of the end of the last token.
func (d *decoder) explain(what string, end int64) (rule, fix string) {
	token := d.tokenAt(end)
	begins := func(texts ...string) bool {
		for _, text := range texts {
			if bytes.HasPrefix(token, []byte(text)) {
				return true
			}
		}
		return false
	}
	name := string(word.Find(token))
	isValue := strings.Contains(what, "beginning of value") || strings.Contains(what, "in literal")
	before := bytes.TrimRight(d.data[:len(d.data)-len(token)], " \t\r\n")
	switch {
	case comment.Match(token):
		return "JSON has no comments", "remove the comment"
	case strings.Contains(what, "escape code"):
		return "a backslash in a string is a part of an escape", "write each backslash twice"
	case strings.Contains(what, "in string literal"):
		return "a string must end on the line where it begins", "close it with a double quote"
	case begins("'", "`", "\u201c", "\u201d", "\u2018"):
		return "JSON strings are in double quotes", "write double quotes instead"
	case begins(`r"`, `r'`):
		return "JSON has no raw strings", `write strings in double quotes without the "r", and each backslash twice`
	case begins(`f"`, `f'`, `u"`, `u'`, `b"`, `b'`):
		return "JSON strings have no prefix", "remove the letter before the quotes"
	case isValue && booleanNames[name] != "":
		return "JSON has " + booleanNames[name] + ", not " + name, "write " + booleanNames[name]
	case isValue && (name != "null" && unset[strings.ToLower(name)]):
		return "JSON has no " + name, "remove the key"
	case strings.Contains(what, "in literal"):
		return "this is neither a string nor true, false or null", d.fix
	case isValue && begins(`"`):
		return "there is a comma too many", "remove the comma before it"
	case begins("("):
		return "JSON lists are in square brackets", "write [ and ] instead of ( and )"
	case begins("]", "}") && bytes.HasSuffix(before, []byte(",")):
		return "JSON has no comma after the last entry", "remove the comma before it"
	case begins("]", "}") && strings.Contains(what, " after "):
		return "this closes the wrong bracket", "close the brackets in the order in which they were opened"
	case isDigit(d.data, len(d.data)-len(token)-1) && (begins("_") || isDigit(token, 0)):
		return "this is not a JSON number", "write digits alone, without a zero before them"
	case strings.Contains(what, "after array element") || strings.Contains(what, "after object key:value pair"):
		return "there must be a comma between two entries", "write a comma before it"
	case strings.Contains(what, "after object key"):
		return "there must be a colon between a key and its value", "write a colon before it"
	case name != "" && !isValue:
		return "JSON keys are in double quotes", "write " + strconv.Quote(name)
	case name != "":
		return "JSON strings are in double quotes", "write it in double quotes"
	case what == endsTooEarly:
		return what, "close every string, bracket and brace"
	}
	return "this is not JSON: " + what, d.fix
}

// isDigit reports whether data[i] exists and is a digit.
func isDigit(data []byte, i int) bool {
	return 0 <= i && i < len(data) && '0' <= data[i] && data[i] <= '9'
}

const endsTooEarly = "the text ends too early"

var booleanNames = map[string]string{
	"True": "true", "TRUE": "true", "yes": "true", "Yes": "true", "on": "true", "On": "true",
	"False": "false", "FALSE": "false", "no": "false", "No": "false", "off": "false", "Off": "false",
}
