package regex

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hard are expressions that take long where work is not bounded.
func hard() map[string]string {
	return map[string]string{
		"subsets":              `https://.*a.{12}\.acme\.de`,
		"subsets, open":        `https://.*[ab].{14}`,
		"subsets, pairs":       `https://([ab]|[bc]|[cd]){1,20}`,
		"products":             `https://((ab|cd|ef|gh){1,10}\.){1,5}acme\.de`,
		"optional alternation": `((a|b|c|d|e|f|g|h)?){500}`,
		"optional words":       `https://(a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?){10}corp\.de`,
		"optional digits":      `https://(1?2?3?4?5?6?7?8?9?0?\.){40}`,
		"repeats":              `https://(([a-z]{1,30}\.){1,30})acme\.de`,
		"stars":                `https://` + strings.Repeat(`(.*\.)*`, 100) + `acme\.de`,
		"dots":                 `https://` + strings.Repeat(`\.?`, 600) + `acme\.de`,
		"any of a thousand":    `https://.{1,1000}`,
		"Unicode":              `https://(\pL|\pN|\pS|\pP|\pM){1,1000}\.de`,
		"Unicode, folded":      `(?i)https://` + strings.Repeat(`[\pL\pN]`, 200) + `\.de`,
		"negated classes":      `https://` + strings.Repeat(`[^\PL]`, 400) + `\.de`,
		"nested":               strings.Repeat("(", 400) + "a" + strings.Repeat(")*", 400),
		"anchors":              `https://` + strings.Repeat(`(^|\b|$|a)`, 300) + `\.de`,
		"alternatives":         `https://(` + strings.Repeat(`acme|`, 700) + `x)\.de`,
		"many domains":         `https://(` + strings.Repeat(`[ab]cme|b[cd]e|`, 230) + `x)\.(de|com|fr)`,
		"long literal":         `https://` + strings.Repeat("a", 4000),
		"suffixes":             `https://` + strings.Repeat(`(.*\.amazonaws\.com|.*\.hedmark\.no)?`, 100),
		"every domain": `https://(.*\.)?(a|b|c)?(d|e|f)?(g|h|i)?(j|k|l)?` +
			`(m|n|o)?(p|q|r)?(s|t|u)?(v|w|x)?(y|z)?corp\.de`,
		"64 KiB of literals": `https://` + strings.Repeat("a", 64<<10),
		"64 KiB of classes":  strings.Repeat(`\pL`, 64<<10/3),
		"4 KiB of classes":   strings.Repeat(`\pL`, MaxLen/3),
		"ports":              `https://acme\.de:` + strings.Repeat(`(1|2)?`, 600),
	}
}

// TestBounds: the work that an expression takes is bounded, whatever it is.
func TestBounds(t *testing.T) {
	for name, text := range hard() {
		t.Run(name, func(t *testing.T) {
			if IsTooLarge(text) {
				e := &Expr{text: text} // not even parsed
				if risks := e.Judge(); len(risks) != 1 || risks[0].Kind != TooLarge {
					t.Errorf("got %+v, want TooLarge", risks)
				}
				return
			}
			start := time.Now()
			e := mustParse(t, text)
			parsed := time.Now()
			risks := e.Judge()
			checkWitnesses(t, e, risks)
			steps := work(e)
			t.Logf("parsed in %v, judged in %v, %d steps, %+v", parsed.Sub(start), time.Since(parsed), steps, risks)
			if steps > maxWork+maxWork/4 {
				t.Errorf("got %d steps", steps)
			}
		})
	}
}

// TestManyExpressions judges 1,000 different expressions of 200 bytes. It asserts how many steps
// that takes, and prints how long.
func TestManyExpressions(t *testing.T) {
	var exprs []*Expr
	for i := range 1000 {
		text := fmt.Sprintf(`^https://([a-z0-9-]+\.)?(shop%d|beta-corp%d|`, i, i)
		for k := 0; len(text) < 200-len(`acme)\.(de|com|co\.uk)(:\d+)?$`); k++ {
			text += string(rune('a' + k%26))
			if k%9 == 8 {
				text += "|"
			}
		}
		exprs = append(exprs, mustParse(t, strings.TrimSuffix(text, "|")+`acme)\.(de|com|co\.uk)(:\d+)?$`))
	}
	start, steps := time.Now(), 0
	for _, e := range exprs {
		if risks := e.Judge(); len(risks) > 0 {
			t.Fatalf("%s: got %+v", e.text, risks)
		}
	}
	took := time.Since(start)
	for _, e := range exprs {
		steps += work(e)
	}
	t.Logf("%d expressions of %d bytes in %v, %d steps each", len(exprs), len(exprs[0].text), took, steps/len(exprs))
	if most := 20_000; steps > most*len(exprs) {
		t.Errorf("got %d steps for each, want at most %d", steps/len(exprs), most)
	}
}

// BenchmarkJudge judges expressions of 200 bytes.
func BenchmarkJudge(b *testing.B) {
	for _, bb := range []struct{ name, text string }{
		{
			"alternatives",
			`^https://(www\.|app\.|admin\.)?(` + strings.Repeat(`acme|beta-corp|`, 9) + `x)\.(de|com|co\.uk)(:\d+)?$`,
		},
		{"subdomains", `^https://([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.){1,3}acme\.(de|com)(:[0-9]{1,5})?$`},
		{"refused", `https?://.*acme-of-the-longest-name-that-anyone-ever-registered.example.com(:.*)?`},
	} {
		e := mustParse(b, bb.text)
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				e.Judge()
			}
		})
	}
}
