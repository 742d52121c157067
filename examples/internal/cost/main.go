// Command cost measures what an application gets by adopting an adapter: how many more modules, and
// how many more bytes in the binary. For each framework it builds a small program twice, without
// and with the adapter, and prints a table in Markdown. docs/support.md shows one.
//
//	go run ./examples/internal/cost
//
// Run it at the top of the repository. The frameworks come from the module cache or from the proxy.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if err := run(context.Background(), ".", os.Stdout, programs); err != nil {
		log.Fatal("cost: ", err)
	}
}

func run(ctx context.Context, root string, stdout io.Writer, programs []program) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Measured on %s with %s on %s/%s.\n\n",
		time.Now().Format(time.DateOnly), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintln(stdout, "| adapter | framework | modules | with the adapter | binary | with the adapter |")
	fmt.Fprintln(stdout, "|---|---|---:|---:|---:|---:|")
	for _, p := range programs {
		bare, err := measure(ctx, root, p, false)
		if err != nil {
			return fmt.Errorf("%s, bare: %w", p.adapter, err)
		}
		with, err := measure(ctx, root, p, true)
		if err != nil {
			return fmt.Errorf("%s: %w", p.adapter, err)
		}
		fmt.Fprintf(stdout, "| %s | %s | %d | +%d | %.1f MB | +%.0f kB |\n", p.adapter, p.name(),
			bare.modules, with.modules-bare.modules,
			float64(bare.bytes)/1e6, float64(with.bytes-bare.bytes)/1e3)
	}
	return nil
}

// cost is what one build of a program takes.
type cost struct {
	modules int   // as go list -m all counts them, with the program's own
	bytes   int64 // of the binary
}

// measure builds a program in a folder of its own. Without the adapter, it leaves out the lines
// that end with the mark.
func measure(ctx context.Context, root string, p program, withAdapter bool) (cost, error) {
	dir, err := os.MkdirTemp("", "polycors-cost-")
	if err != nil {
		return cost{}, err
	}
	defer os.RemoveAll(dir)
	var source strings.Builder
	for line := range strings.Lines(p.source) {
		if withAdapter || !strings.HasSuffix(line, mark+"\n") {
			source.WriteString(line)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source.String()), 0o600); err != nil {
		return cost{}, err
	}
	const mod = "module example.com/cost\n\ngo 1.25.0\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o600); err != nil {
		return cost{}, err
	}
	edit := []string{"mod", "edit"}
	for _, own := range []string{"core", "adapters/corsfasthttp", "adapters/" + p.adapter} {
		edit = append(edit, "-replace=github.com/polycors/cors/"+own+"="+filepath.Join(root, filepath.FromSlash(own)))
	}
	if p.framework != "" {
		edit = append(edit, "-require="+p.framework+"@"+p.version)
	}
	for _, args := range [][]string{edit, {"mod", "tidy"}, {"build", "-trimpath", "-o", "program", "."}} {
		if _, err := command(ctx, dir, args...); err != nil {
			return cost{}, err
		}
	}
	modules, err := command(ctx, dir, "list", "-m", "all")
	if err != nil {
		return cost{}, err
	}
	binary, err := os.Stat(filepath.Join(dir, "program"))
	if err != nil {
		return cost{}, err
	}
	return cost{bytes.Count(modules, []byte("\n")), binary.Size()}, nil
}

// command runs the go command in a folder and returns its standard output.
func command(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, problems.Bytes())
	}
	return out, nil
}
