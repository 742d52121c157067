package origin

import (
	"bytes"
	"flag"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUnicodeHosts: a host becomes what Chromium makes of it, or is refused. Chromium 156 was asked
// for each.
func TestUnicodeHosts(t *testing.T) {
	for host, want := range map[string]string{
		"STRAẞE": "xn--strae-oqa", "straße": "xn--strae-oqa", "strasse": "strasse", "ẞ": "xn--zca", "aẞb": "xn--ab-gia",
		"BÜCHER": "xn--bcher-kva", "ſ": "s", "K": "k", "ﬁ": "fi", "①": "1", "Ⅷ": "viii", "faß": "xn--fa-hia",
		"ΣΑΣ": "xn--mxa9ab",
		"ℵ":   "xn--4db", "ℶ": "xn--5db", "אב": "xn--4dbc",
		// Letters of both directions in one label, once they are mapped.
		"aℵb": "", "aℶb": "", "aℷb": "", "aℸb": "", "אaב": "", "aאb": "", "1ℵ": "", "ℵa": "",
		"a\u200cb": "", "a／b": "", "a⁇b": "", "\u094da": "",
	} {
		p, problem := ParsePattern("https://" + host + ".example")
		got := strings.TrimSuffix(p.Host, ".example")
		if got != want || (problem == nil) != (want != "") {
			t.Errorf("%s (%+q): got %q, %v, want %q", host, host, got, problem, want)
		}
	}
}

// contexts are what is before and after a character in a label: letters of either direction, and
// the ends of the label.
var contexts = [][2]string{
	{"a", "b"}, {"", ""}, {"א", "ב"}, {"a", ""}, {"", "a"}, {"א.a", "b"}, {"א", ""}, {"ß", "ß"}, {"\u094d", "a"},
	{"a\u0628", "\u0628"},
}

var withChromium = flag.Bool("chromium", false, "compare every character of Unicode with Chromium")

// runChromium opens a page in Chromium, and returns the text that the page writes into its element
// with the id o. The test is skipped if -chromium is not set.
func runChromium(t *testing.T, page string) string {
	if !*withChromium {
		t.Skip("-chromium is not set; .ci/run full sets it")
	}
	path := ""
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless-shell",
	} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		t.Fatal("no Chromium is installed; on Debian: apt-get install chromium")
	}
	file := filepath.Join(t.TempDir(), "hosts.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-background-networking",
		"--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+file).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, out, _ = bytes.Cut(out, []byte(`id="o">`))
	out, _, _ = bytes.Cut(out, []byte("</pre>"))
	return html.UnescapeString(string(out))
}

// asciiHosts returns hosts of letters, digits, hyphens, underscores and dots: all short ones of a
// few characters, and random ones of words that matter.
func asciiHosts() (hosts []string) {
	const letters = "a1x-_."
	short := []string{""}
	for range 5 {
		var longer []string
		for _, host := range short {
			for _, c := range letters {
				longer = append(longer, host+string(c))
			}
		}
		hosts, short = append(hosts, longer...), longer
	}
	words := []string{
		"a", "-", "_", "0", "1", "08", "10", "127", "192", "255", "256", "65536", "4294967295", "4294967296", "0x", "0x7f",
		"0xg", "0xff", "1a", "a1", "foo-", "-foo", "foo_bar", "localhost", "example", "com", "", strings.Repeat("a", 63),
		strings.Repeat("a", 64),
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		var labels []string
		for range 1 + rnd.IntN(6) {
			labels = append(labels, words[rnd.IntN(len(words))])
		}
		hosts = append(hosts, strings.Join(labels, "."))
	}
	return hosts
}

// TestChromiumASCII: Parse accepts a host of these characters if and only if Chromium sends it
// unchanged.
func TestChromiumASCII(t *testing.T) {
	hosts := slices.DeleteFunc(asciiHosts(), func(host string) bool { return host == "" })
	const script = `<!doctype html><meta charset=utf-8><pre id=o></pre><script>
const sent = h => { try { return new URL("https://" + h).hostname } catch { return "!" } };
document.getElementById("o").textContent = "%s".split(" ").map(sent).join("\n");
</script>`
	sent := strings.Split(runChromium(t, fmt.Sprintf(script, strings.Join(hosts, " "))), "\n")
	if len(sent) != len(hosts) {
		t.Fatalf("got %d hosts, want %d", len(sent), len(hosts))
	}
	unchanged := 0
	for i, host := range hosts {
		if len(host) > 300 {
			continue // longer than MaxLen with the scheme
		}
		_, ok := Parse("https://" + host)
		if want := sent[i] == host; ok != want {
			t.Errorf("Parse of https://%s: got %v, Chromium sends %q", host, ok, sent[i])
		}
		if sent[i] == host {
			unchanged++
		} else if _, ok := Parse("https://" + sent[i]); !ok && sent[i] != "!" {
			t.Errorf("https://%s: Parse refuses %q, which Chromium sends", host, sent[i])
		}
	}
	if changed := len(hosts) - unchanged; unchanged < 5000 || changed < 1000 {
		t.Errorf("%d hosts are unchanged and %d are not", unchanged, changed)
	}
}

// TestChromium compares every character of Unicode with what Chromium makes of it. It takes
// minutes, so it only runs if -chromium is set.
func TestChromium(t *testing.T) {
	const script = `<!doctype html><meta charset=utf-8><pre id=o></pre><script>
const out = [];
for (let c = 0x80; c < 0x110000; c++) {
	if (c >= 0xd800 && c < 0xe000) continue;
	const hosts = [];
	for (const [before, after] of %s) {
		try {
			const url = new URL("https://" + before + String.fromCodePoint(c) + after + ".example");
			hosts.push(url.hostname.replace(/ /g, "%%20"));
		} catch {
			hosts.push("!");
		}
	}
	if (hosts.some(h => h !== "!")) out.push(c.toString(16) + " " + hosts.join(" "));
}
document.getElementById("o").textContent = out.join("\n");
</script>`
	var pairs []string
	for _, c := range contexts {
		pairs = append(pairs, fmt.Sprintf("[%q, %q]", c[0], c[1]))
	}
	out := runChromium(t, fmt.Sprintf(script, "["+strings.Join(pairs, ", ")+"]"))
	chromium := map[rune][]string{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		var c rune
		if n, err := fmt.Sscanf(fields[0], "%x", &c); n != 1 || err != nil || len(fields) != len(contexts)+1 {
			t.Fatalf("got the line %q", line)
		}
		chromium[c] = fields[1:]
	}
	if len(chromium) < 100_000 {
		t.Fatalf("Chromium knows %d characters", len(chromium))
	}
	accepted := 0
	for c := rune(0x80); c < 0x110000; c++ {
		// The direction of this one is another in Chromium's version of Unicode. An entry with it matches
		// nothing.
		if 0xd800 <= c && c < 0xe000 || c == 0x1171e {
			continue
		}
		for i, context := range contexts {
			p, problem := ParsePattern("https://" + context[0] + string(c) + context[1] + ".example")
			if problem != nil {
				continue // a character that x/net does not know yet, or one that no host of ours has
			}
			accepted++
			if want := slices.Concat(chromium[c], make([]string, len(contexts)))[i]; p.Host != want {
				t.Errorf("U+%04X between %q and %q: got %q, Chromium has %q", c, context[0], context[1], p.Host, want)
			}
		}
	}
	if accepted < 500_000 {
		t.Errorf("got %d accepted hosts", accepted)
	}
}
