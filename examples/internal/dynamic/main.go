// Command dynamic serves an API to the pages of tenants, whose origins are in an SQLite database.
// A client with the token can add and remove origins while it runs:
//
//	GET     /admin/origins                        lists all entries
//	POST    /admin/origins                        adds {"tenant":"acme","origins":["https://app.acme.example"]}
//	DELETE  /admin/origins?tenant=acme&origin=…   removes; origin may be repeated, and without it all of the tenant's are
//
// A change is in force when its response is sent: every request that begins later is decided by the
// new policy. While the database cannot be read, the last policy stays in force.
// docs/guides/dynamic-origins.md explains how.
//
// The data is the same for all tenants (GET and POST /items, PUT and DELETE /items/{id}), so one
// policy with the origins of all tenants is right. If each tenant had its own data, the server
// would also have to check whose data a page may read. CORS does not do that.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/polycors/cors/examples/internal/api"
)

func main() { api.Main(run) }

// options are the values of the flags.
type options struct {
	addr  string
	db    string        // "" for a temporary file
	token string        // "" for a new one
	every time.Duration // 0 for never
}

const shortest = 100 * time.Millisecond // the minimum of -every

// parse reads the arguments. With -h it prints the usage to stdout, and helped is true.
func parse(args []string, stdout io.Writer) (o options, helped bool, err error) {
	flags := flag.NewFlagSet("dynamic", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", "127.0.0.1:8080", "listen on this `host:port`; port 0 is any free port")
	flags.StringVar(&o.db, "db", "", "keep the origins in this SQLite `file`, and create it if necessary; "+
		"without this flag they are in a temporary file, which is removed at the end")
	flags.StringVar(&o.token, "token", "", "the `secret` that /admin/ requires; without it a new one is printed")
	flags.DurationVar(&o.every, "every", 5*time.Second,
		"how often to read the database again, because other processes may change it; 0 is never")
	if helped, err = api.ParseFlags(flags, args, stdout); helped || err != nil {
		return o, helped, err
	}
	if o.every != 0 && o.every < shortest {
		return o, false, fmt.Errorf("dynamic: -every %v is too often; write at least %v, or 0 for never", o.every, shortest)
	}
	return o, false, nil
}

func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	o, helped, err := parse(args, stdout)
	if helped || err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("dynamic: %w", err)
		}
	}()
	kept := "the file " + o.db
	if o.db == "" {
		dir, err := os.MkdirTemp("", "dynamic-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.db = filepath.Join(dir, "origins.db")
		kept = "the temporary file " + o.db + ", removed at the end; -db keeps one"
	}
	token := "the one given by -token"
	if o.token == "" {
		o.token = rand.Text()
		token = o.token
	}

	db, err := openTable(ctx, o.db)
	if err != nil {
		return err
	}
	defer db.Close()
	// This policy has to be right, because there is no earlier one to fall back on.
	tenantPolicy, err := newTenants(ctx, db, slog.Default())
	if err != nil {
		return err
	}

	listener, err := api.Listen(o.addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	fmt.Fprint(stdout, welcome(api.BaseURL(listener.Addr()), kept, token, o.token))

	ctx, cancel := context.WithCancel(ctx)
	var refreshing sync.WaitGroup
	defer refreshing.Wait()
	defer cancel()
	if o.every > 0 {
		refreshing.Go(func() { tenantPolicy.refreshEvery(ctx, o.every) })
	}
	server := &http.Server{Handler: routes(tenantPolicy, api.NewStore(), o.token), ReadTimeout: 10 * time.Second}
	return api.ServeListener(ctx, stdout, server, listener)
}

// welcome returns what the example prints when it starts. Both sh and cmd understand the commands.
func welcome(url, kept, shown, token string) string {
	if shown != token {
		token = "TOKEN" // it is not printed
	}
	return fmt.Sprintf(`The dynamic example listens on %[1]s (Ctrl-C stops it).
The origins are in %[2]s.
The token for /admin/ is %[3]s.

No page is allowed yet:
  curl -si -X OPTIONS -H "Origin: https://app.acme.example" -H "Access-Control-Request-Method: PUT" %[1]s/items/1

Allow the tenant's page, then try again:
  curl -si -H "Authorization: Bearer %[4]s" -d "%[5]s" %[1]s/admin/origins

Remove it:
  curl -si -H "Authorization: Bearer %[4]s" -X DELETE "%[1]s/admin/origins?tenant=acme&origin=https://app.acme.example"

An actual request:
  curl -si -H "Origin: https://app.acme.example" %[1]s/items
`, url, kept, shown, token, `{\"tenant\":\"acme\",\"origins\":[\"https://app.acme.example\"]}`)
}
