package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// String returns the median, and in parentheses the other quartiles. The String of nil is "".
func (r *ratio) String() string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%s× (%s to %s)", figure(r.Median), figure(r.Low), figure(r.High))
}

// figure formats a number with two or three digits, or as an integer if it is 10 or more.
func figure(x float64) string {
	switch {
	case x == 0:
		return "0"
	case math.Abs(x) < 0.01:
		digits := int(math.Ceil(-math.Log10(math.Abs(x)))) // of which all except the last are zeros
		return strconv.FormatFloat(x, 'f', digits, 64)
	case math.Abs(x) < 10:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return grouped(int64(math.Round(x)))
}

// grouped formats a number with commas between thousands.
func grouped(n int64) string {
	if n < 0 {
		return "-" + grouped(-n)
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// integer formats a number without the digits after the point.
func integer(x float64) string { return grouped(int64(math.Round(x))) }

func (f *figures) markdown() []byte {
	var b bytes.Buffer
	f.writeHead(&b)
	for _, framework := range f.frameworks() {
		writeFramework(&b, framework, f.of(framework))
	}
	f.writeStandings(&b)
	f.writeBuilds(&b)
	f.writeSockets(&b)
	return b.Bytes()
}

func (f *figures) writeHead(b *bytes.Buffer) {
	m := f.machine
	b.WriteString("# Benchmarks\n\n" +
		"How much time CORS adds to a request, with Polycors and with the alternatives.\n\n")
	command := "go run ./benchmarks/report"
	if m.Quick {
		command += " -quick"
		b.WriteString("> These figures were measured with `-quick`, which is too short to rely on.\n\n")
	}
	fmt.Fprintf(b, "Measured by `%s` on %s: %s, %d CPUs, %s, %s. Versions: %s.\n\n",
		command, m.Date, m.CPU, m.CPUs, m.Platform, m.Go, strings.Join(m.Versions, ", "))
	b.WriteString(strings.ReplaceAll(method, "\r\n", "\n"))
	f.writeOverview(b)
}

// method is the part of the page that says how the figures are measured, with each paragraph on one
// line.
//
//go:embed method.txt
var method string

// writeOverview writes the two most frequent requests on every framework.
func (f *figures) writeOverview(b *bytes.Buffer) {
	b.WriteString("## All frameworks\n\n" +
		"Nanoseconds added to a request, by Polycors and by the middleware that most users of the framework take:\n\n" +
		"| | GET allowed | preflight allowed | usual middleware | GET allowed | preflight allowed |\n" +
		"|---|---:|---:|---|---:|---:|\n")
	for _, name := range f.frameworks() {
		usual := usualPeer(name)
		ours, theirs := "", ""
		for _, kind := range kinds {
			for _, s := range f.of(name) {
				if s.Name == kind {
					ours += " " + s.cell("polycors") + " |"
					theirs += " " + s.cell(usual) + " |"
				}
			}
		}
		fmt.Fprintf(b, "| [%s](#%s) |%s %s |%s\n", name, anchor(name), ours, usual, theirs)
	}
	b.WriteString("\n")
}

// usualPeer returns the name of the middleware that most users of the framework take.
func usualPeer(framework string) string {
	for _, f := range benchmarks.Frameworks {
		for _, p := range f.Peers {
			if f.Name == framework && p.Usual {
				return p.Name
			}
		}
	}
	return ""
}

// anchor returns the anchor that GitHub makes for a heading.
func anchor(heading string) string {
	return strings.NewReplacer("/", "", " ", "-").Replace(strings.ToLower(heading))
}

// cell returns the time that a peer adds, with the sign of its response.
func (s *scenario) cell(peer string) string {
	i := slices.IndexFunc(s.Peers, func(m measured) bool { return m.Peer == peer })
	switch {
	case i < 0:
		return ""
	case s.Peers[i].Mark == benchmarks.Unsupported.String():
		return s.Peers[i].Mark
	}
	return strings.TrimSpace(integer(s.Peers[i].NS) + " " + s.Peers[i].Mark)
}

// comparison returns the ratio of our time to that of the fastest alternative, and its name.
func (s *scenario) comparison() string {
	if s.Than == "" {
		return ""
	}
	i := slices.IndexFunc(s.Peers, func(m measured) bool { return m.Peer == s.Than })
	ratio := s.Compared.String()
	if ratio == "" {
		ratio = "not comparable:" // it adds no time that can be measured
	}
	return strings.TrimSpace(ratio + " " + s.Than + " " + s.Peers[i].Mark)
}

func writeFramework(b *bytes.Buffer, name string, scenarios []scenario) {
	fmt.Fprintf(b, "## %s\n\n![Chart: %s](charts/%s)\n\nNanoseconds added to a request:\n\n", name, chartTitle(name),
		chartFile(name))
	var header, rule string
	for _, m := range scenarios[0].Peers {
		header += " " + m.Peer + " |"
		rule += "---:|"
	}
	fmt.Fprintf(b, "| | without CORS |%s ratio |\n|---|---:|%s---|\n", header, rule)
	for _, s := range scenarios {
		fmt.Fprintf(b, "| %s | %s |", s.Name, figure(s.BareNS))
		for _, m := range s.Peers {
			fmt.Fprintf(b, " %s |", s.cell(m.Peer))
		}
		fmt.Fprintf(b, " %s |\n", s.comparison())
	}
	fmt.Fprintf(b, "\nBytes and allocations added to a request:\n\n| |%s\n|---|%s\n", header, rule)
	for _, s := range scenarios {
		fmt.Fprintf(b, "| %s |", s.Name)
		for _, m := range s.Peers {
			if m.Mark == benchmarks.Unsupported.String() {
				b.WriteString(" – |")
			} else {
				fmt.Fprintf(b, " %s B, %s |", integer(m.Bytes), integer(m.Allocs))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	writeSigns(b, scenarios)
}

// writeSigns explains the signs in the table, peer by peer.
func writeSigns(b *bytes.Buffer, scenarios []scenario) {
	written := false
	for i, m := range scenarios[0].Peers {
		var whys []string
		where := map[string][]string{}
		for _, s := range scenarios {
			if s.Peers[i].Mark == "" {
				continue
			}
			why := s.Peers[i].Mark + " " + s.Peers[i].Why
			if where[why] == nil {
				whys = append(whys, why)
			}
			where[why] = append(where[why], s.Name)
		}
		for _, why := range whys {
			in := strings.Join(where[why], "; ")
			if len(where[why]) == len(scenarios) {
				in = "all scenarios"
			}
			fmt.Fprintf(b, "- %s %s: %s\n", m.Peer, why, in)
			written = true
		}
	}
	if written {
		b.WriteString("\n")
	}
}

func (f *figures) writeBuilds(b *bytes.Buffer) {
	b.WriteString("## Building a policy\n\n" +
		"How long it takes to build the middleware, and the memory that it keeps in addition to the list itself. " +
		"≈ is an estimate from a hundredth of the list, because the whole would take too long.\n\n")
	b.WriteString("| |")
	for _, list := range buildSizes {
		fmt.Fprintf(b, " %s |", list.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(buildSizes)) + "\n")
	for _, build := range f.builds {
		fmt.Fprintf(b, "| %s |", build.Peer)
		for _, s := range build.Sizes {
			took := time.Duration(s.Seconds * float64(time.Second))
			switch {
			case s.Seconds == 0:
				b.WriteString(" – |")
			case s.Estimate:
				fmt.Fprintf(b, " ≈ %s, %.1f MB |", took.Round(100*time.Millisecond), s.Bytes/1e6)
			default:
				fmt.Fprintf(b, " %s, %.1f MB |", took.Round(10*time.Microsecond), s.Bytes/1e6)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func (f *figures) writeSockets(b *bytes.Buffer) {
	b.WriteString("## Over sockets\n\n")
	fmt.Fprintf(b, "Each server is a process of its own. The client sends requests over %d connections "+
		"on the same machine, so both share its CPUs. "+
		"The table has the requests per second, and the CPU time that the server uses for a request, "+
		"in the best round. "+
		"The last column compares the CPU time of Polycors with that of the server in the row: "+
		"the median of the ratios in each round, and in parentheses the range of the middle half.\n\n", connections)
	b.WriteString("| | request | middleware | requests/s | CPU per request | Polycors compared |\n" +
		"|---|---|---|---:|---:|---|\n")
	for _, s := range f.sockets {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %.2f µs | %s |\n", s.Framework, s.Request, s.Peer,
			integer(s.PerSecond), s.CPU/1e3, s.Ours)
	}
}

// processor returns the name of the CPU on Linux.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "a CPU that the system does not name"
}

// versions returns the frameworks and the other libraries with their versions.
func versions() (list []string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return []string{"unknown"}
	}
	var modules []string
	for _, f := range benchmarks.Frameworks {
		modules = append(modules, f.Module)
		for _, p := range f.Peers {
			modules = append(modules, p.Module)
		}
	}
	for _, dep := range info.Deps {
		if slices.Contains(modules, dep.Path) {
			list = append(list, strings.TrimPrefix(dep.Path, "github.com/")+" "+dep.Version)
		}
	}
	return list
}
