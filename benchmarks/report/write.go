package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/polycors/cors/benchmarks"
)

// report has all measurements.
type report struct {
	quick   bool
	date    time.Time
	tables  []table
	builds  []buildRow
	sockets []socket
}

func (r *report) table(framework string) *table {
	return &r.tables[slices.IndexFunc(r.tables, func(t table) bool { return t.framework.Name == framework })]
}

// String returns the median, and in parentheses the other quartiles.
func (r ratio) String() string {
	return fmt.Sprintf("%s× (%s to %s)", figure(r.median), figure(r.low), figure(r.high))
}

// figure formats a number with two or three digits, or as an integer if it is 10 or more.
func figure(x float64) string {
	switch {
	case x == 0:
		return "0"
	case math.Abs(x) < 0.01:
		return fmt.Sprintf("%.1g", x)
	case math.Abs(x) < 10:
		return fmt.Sprintf("%.2f", x)
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

func megabytes(n int) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func (r *report) markdown() []byte {
	var b bytes.Buffer
	r.head(&b)
	r.writeChecks(&b)
	for i := range r.tables {
		r.tables[i].write(&b)
	}
	r.writeBuilds(&b)
	r.writeSockets(&b)
	return b.Bytes()
}

func (r *report) head(b *bytes.Buffer) {
	b.WriteString("# Benchmarks\n\nWhat CORS costs with this library, and with the alternatives.\n\n")
	if r.quick {
		b.WriteString("> **Quick.** These figures were measured with `-quick`: too shortly to rely on. Run it without.\n\n")
	}
	command := "go run ./benchmarks/report"
	if r.quick {
		command += " -quick"
	}
	fmt.Fprintf(b, "Made by `%s` on %s: %s, %d CPUs, %s/%s, %s.\n\n", command, r.date.Format(time.DateOnly),
		processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	b.WriteString("Versions: " + strings.Join(versions(), ", ") + ".\n\n")
	b.WriteString(introduction)
}

// introduction has each paragraph on one line, as the rest of the report.
const introduction = "Every peer is configured for the same policy, in the way its users would. " +
	"Its responses are checked before it is timed. All frameworks reuse their request and response, " +
	"so what is measured is the middleware.\n" +
	"\n" +
	"The peers take turns in rounds. A time is that of the fastest round, minus the time of the bare framework. " +
	"If the middleware responds without the handler, the bare framework has a middleware that writes the same status " +
	"and nothing else. A ratio is taken within each round; the table has the median and the other quartiles. " +
	"It compares polycors with the fastest rival whose response is correct, or if there isn't one, " +
	"with the fastest rival. *floor* writes the headers of the right response without looking at the request, " +
	"each response in a slice of its own.\n" +
	"\n" +
	"A miss is a request from an origin that is not listed. It is as long as most of the listed ones, " +
	"because a search through the whole list would otherwise only compare lengths.\n" +
	"\n" +
	"| sign | meaning |\n" +
	"|---|---|\n" +
	"| † | differs: a browser comes to the same conclusion, " +
	"but the status, the handler or Vary is not what it should be |\n" +
	"| § | lacks Vary: a cache may serve the response to pages of other origins; not correct |\n" +
	"| ‡ | shared slices: a handler that writes into a header's values changes later responses; not correct |\n" +
	"| ✗ | wrong: a browser comes to another conclusion |\n" +
	"| – | cannot be expressed |\n" +
	"\n"

func (r *report) writeChecks(b *bytes.Buffer) {
	b.WriteString("## Targets\n\n| target | measured | |\n|---|---|---|\n")
	for _, c := range r.checks() {
		met := "met"
		if !c.met {
			met = "**not met**"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", c.wanted, c.measured, met)
	}
	b.WriteString("\n")
}

func (t *table) write(b *bytes.Buffer) {
	name := t.framework.Name
	fmt.Fprintf(b, "## %s\n\n![%s](charts/%s)\n\nns over bare:\n\n", name, name, chartFile(name))
	var header, rule strings.Builder
	for _, p := range t.framework.Peers[benchmarks.Floor:] {
		header.WriteString(" " + p.Name + " |")
		rule.WriteString("---:|")
	}
	fmt.Fprintf(b, "| | bare |%s ratio |\n|---|---:|%s---|\n", header.String(), rule.String())
	for _, r := range t.rows {
		fmt.Fprintf(b, "| %s | %s |", r.scenario.Name, figure(r.cells[benchmarks.Bare].ns()))
		for i := benchmarks.Floor; i < len(r.cells); i++ {
			mark := r.cells[i].verdict.Mark
			if mark == benchmarks.Unsupported {
				fmt.Fprintf(b, " %s |", mark)
				continue
			}
			fmt.Fprintf(b, " %s |", strings.TrimSpace(grouped(int64(math.Round(r.over(i))))+" "+mark.String()))
		}
		if best, ok := r.best(); ok {
			sign := r.cells[best].verdict.Mark.String()
			if sign != "" {
				sign = " " + sign
			}
			fmt.Fprintf(b, " %s %s%s |\n", r.ratio(benchmarks.Ours, best), r.peer(best), sign)
		} else {
			b.WriteString(" |\n")
		}
	}
	fmt.Fprintf(b, "\nB/op and allocs/op over bare:\n\n| |%s\n|---|%s\n", header.String(), rule.String())
	for _, r := range t.rows {
		fmt.Fprintf(b, "| %s |", r.scenario.Name)
		bare := &r.cells[benchmarks.Bare]
		for i := benchmarks.Floor; i < len(r.cells); i++ {
			if c := &r.cells[i]; c.verdict.Mark == benchmarks.Unsupported {
				b.WriteString(" – |")
			} else {
				size, allocs := int64(math.Round(c.bytes-bare.bytes)), int64(math.Round(c.allocs-bare.allocs))
				fmt.Fprintf(b, " %s B, %s |", grouped(size), grouped(allocs))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	t.writeVerdicts(b)
}

// writeVerdicts explains the signs in the table, peer by peer.
func (t *table) writeVerdicts(b *bytes.Buffer) {
	for i := benchmarks.Floor; i < len(t.framework.Peers); i++ {
		var whys []string
		scenarios := map[string][]string{}
		for _, r := range t.rows {
			v := r.cells[i].verdict
			if v.Mark == benchmarks.Right {
				continue
			}
			why := v.Mark.String() + " " + v.Why
			if scenarios[why] == nil {
				whys = append(whys, why)
			}
			scenarios[why] = append(scenarios[why], r.scenario.Name)
		}
		if whys == nil {
			continue
		}
		fmt.Fprintf(b, "- %s:", t.framework.Peers[i].Name)
		for k, why := range whys {
			in := strings.Join(scenarios[why], "; ")
			if len(scenarios[why]) == len(t.rows) {
				in = "everywhere"
			}
			fmt.Fprintf(b, "%s %s (%s)", strings.Repeat(";", min(1, k)), why, in)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func (r *report) writeBuilds(b *bytes.Buffer) {
	b.WriteString("## Building a policy\n\n")
	b.WriteString("The time, and the memory that is retained in addition to the caller's list. " +
		"≈ marks an estimate from a hundredth of the list, where the whole would take too long.\n\n")
	b.WriteString("| |")
	for _, size := range buildSizes {
		fmt.Fprintf(b, " %s |", size.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(buildSizes)) + "\n")
	for _, build := range r.builds {
		fmt.Fprintf(b, "| %s |", build.peer)
		for _, s := range build.sizes {
			switch {
			case s.took == 0:
				b.WriteString(" – |")
			case s.estimate:
				fmt.Fprintf(b, " ≈ %s, %s |", s.took.Round(100*time.Millisecond), megabytes(s.retained))
			default:
				fmt.Fprintf(b, " %s, %s |", s.took.Round(10*time.Microsecond), megabytes(s.retained))
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

func (r *report) writeSockets(b *bytes.Buffer) {
	b.WriteString("## Over sockets\n\n")
	fmt.Fprintf(b, "Each server is a process of its own on loopback. "+
		"The client is on the same machine, so it uses the same CPUs. It has %d connections. ", connections)
	b.WriteString("Requests/s and CPU per request are those of the best round. " +
		"CPU is the server's own time, in user mode and in the kernel. " +
		"A ratio is that of polycors' CPU to the peer's: the median of the rounds, with the other quartiles.\n\n")
	b.WriteString("| | request | | requests/s | CPU per request | polycors' CPU to this |\n|---|---|---|---:|---:|---|\n")
	for _, s := range r.sockets {
		ours := slices.Index(s.peers, "polycors")
		for k, kind := range s.kinds {
			for i, peer := range s.peers {
				run := s.runs[k][i]
				fmt.Fprintf(b, "| %s | %s | %s | %s | %.2f µs |", s.framework, kind, peer,
					grouped(int64(slices.Max(run.perSecond))), slices.Min(run.cpu)/1e3)
				if i == ours {
					b.WriteString(" |\n")
					continue
				}
				var all []float64
				for round, cpu := range s.runs[k][ours].cpu {
					if run.cpu[round] > 0 {
						all = append(all, cpu/run.cpu[round])
					}
				}
				fmt.Fprintf(b, " %s |\n", quartiles(all))
			}
		}
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

// versions returns the frameworks and rivals with their versions.
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
