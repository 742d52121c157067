// Command instructions counts the machine instructions that a request costs, with valgrind's
// callgrind. Unlike times, the counts are almost the same in every run, so they show small
// differences on a busy machine. They do not show how long an instruction waits for memory.
//
//	go run ./benchmarks/instructions [-n 2000] [framework ...]
//
// It prints a table of the middleware on each framework, and of core's Ask alone. A count is that
// of the whole request minus that of the bare framework. Middleware that does not support a policy
// has no count, and the responses are not judged; see package benchmarks for both.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/polycors/cors/benchmarks"
	"github.com/polycors/cors/core"
)

// scenarios are the names of the scenarios that are counted.
var scenarios = []string{
	benchmarks.NoOrigin, benchmarks.GETAllowed, benchmarks.GETRefused, benchmarks.PreflightAllowed,
	"preflight refused: origin", benchmarks.WildcardMiss, "any origin", "a func",
}

func main() {
	log.SetFlags(0)
	n := flag.Int("n", 2000, "send each request `n` times")
	counted := flag.Bool("counted", false, "do the work that is counted; the command starts itself with this")
	flag.Parse()
	if *counted {
		if err := eachCell(flag.Args(), func(send func(n int)) { count(send, *n) }); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(*n, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// eachCell calls use for each peer of each framework in each scenario, and for core's Ask in each
// scenario.
func eachCell(only []string, use func(send func(n int))) error {
	for _, f := range frameworks(only) {
		for _, p := range f.Peers {
			for _, sc := range chosen() {
				s, err := p.New(sc.Policy, sc.Want)
				switch {
				case errors.Is(err, benchmarks.ErrUnsupported):
					use(func(int) {})
				case err != nil:
					return fmt.Errorf("%s: %s: %w", f.Name, sc.Name, err)
				default:
					use(s.Client(sc.Request).Serve)
				}
			}
		}
	}
	for _, sc := range chosen() {
		policy, err := sc.Policy.Compile()
		if err != nil {
			return err
		}
		header := http.Header{}
		for name, value := range sc.Request.Header() {
			header.Set(name, value)
		}
		r := core.Request{Method: sc.Request.Method, Host: "example.com", Path: "/items", Header: core.HeaderMap(header)}
		use(func(n int) {
			for range n {
				var room core.Decision
				core.Ask(context.Background(), policy, &r, &room)
			}
		})
	}
	return nil
}

func count(send func(n int), n int) {
	send(3000) // fills pools and caches, some of them by chance
	measured(send, n)
}

// measured is the function whose instructions callgrind counts. Each call has its own file.
//
//go:noinline
func measured(send func(n int), n int) { send(n) }

func frameworks(only []string) (list []benchmarks.Framework) {
	for _, f := range benchmarks.Frameworks {
		if len(only) == 0 || slices.Contains(only, f.Name) {
			list = append(list, f)
		}
	}
	return list
}

func chosen() (list []benchmarks.Scenario) {
	for _, name := range scenarios {
		i := slices.IndexFunc(benchmarks.Scenarios(), func(sc benchmarks.Scenario) bool { return sc.Name == name })
		list = append(list, benchmarks.Scenarios()[i])
	}
	return list
}

// run counts in a child process under callgrind, and prints the table.
func run(n int, only []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "instructions")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	const symbol = "main.measured"
	cmd := exec.Command("valgrind", append([]string{
		"--tool=callgrind", "--toggle-collect=" + symbol, "--dump-after=" + symbol,
		"--callgrind-out-file=" + filepath.Join(dir, "out"), self, "-counted", "-n=" + strconv.Itoa(n),
	}, only...)...)
	// One thread and no collections, so that nothing else runs in between.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("valgrind: %w\n%s", err, out)
	}
	next := 0
	row := func() ([]float64, error) {
		counts := make([]float64, len(scenarios))
		for i := range counts {
			var err error
			next++
			if counts[i], err = total(filepath.Join(dir, "out."+strconv.Itoa(next)), n); err != nil {
				return nil, err
			}
		}
		return counts, nil
	}
	fmt.Println("| | |", strings.Join(scenarios, " | "), "|")
	fmt.Println("|---|---" + strings.Repeat("|---:", len(scenarios)) + "|")
	for _, f := range frameworks(only) {
		bare, err := row()
		if err != nil {
			return err
		}
		for _, p := range f.Peers[benchmarks.Floor:] {
			counts, err := row()
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s |%s\n", f.Name, p.Name, cells(counts, bare))
		}
	}
	ask, err := row()
	if err != nil {
		return err
	}
	fmt.Printf("| core | Ask |%s\n", cells(ask, make([]float64, len(ask))))
	return nil
}

// cells formats the counts minus those of the bare framework. A count that is smaller than the
// bare framework's was not measured.
func cells(counts, bare []float64) string {
	var b strings.Builder
	for i, count := range counts {
		if count < bare[i] {
			b.WriteString(" – |")
			continue
		}
		fmt.Fprintf(&b, " %.0f |", count-bare[i])
	}
	return b.String()
}

// total returns how many instructions a file of callgrind has, per request.
func total(file string, n int) (float64, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "totals: "); ok {
			count, err := strconv.ParseFloat(text, 64)
			return count / float64(n), err
		}
	}
	return 0, fmt.Errorf("%s has no totals", file)
}
