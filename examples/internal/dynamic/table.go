package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite", without cgo
)

// entry is a row of the table: an origin or a pattern, as in core.Config.AllowOrigins, and the
// tenant that it belongs to.
type entry struct {
	Tenant string `json:"tenant"`
	Origin string `json:"origin"`
}

const (
	maxEntries = 100_000          // in the table
	lockWait   = time.Second      // how long to wait for another process that has locked the database
	longest    = 10 * time.Second // how long one operation may take
)

var errFull = errors.New("there is no room for more entries; remove some first")

// table is the table of entries in an SQLite file. Each operation opens the file again, because a
// connection that stays open would go on reading a file that was removed or replaced. Opening takes
// about a millisecond, which only changes and refreshes pay. Requests for the API do not read the
// database.
type table struct {
	db   *sql.DB
	room int // the maximum number of entries
}

// openTable opens the database in the file. It creates the file and the table if they do not exist.
func openTable(ctx context.Context, file string) (*table, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	const schema = `CREATE TABLE IF NOT EXISTS origins (
		tenant TEXT NOT NULL,
		origin TEXT NOT NULL,
		PRIMARY KEY (tenant, origin)
	) STRICT, WITHOUT ROWID`
	making, err := sql.Open("sqlite", dsn(file, "rwc"))
	if err != nil {
		return nil, err
	}
	defer making.Close()
	if _, err := making.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("the database %s: %w", file, err)
	}
	// From here on, a missing file is an error. Otherwise it would be created as an empty table, which
	// allows nobody.
	db, err := sql.Open("sqlite", dsn(file, "rw"))
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(-1)
	return &table{db, maxEntries}, nil
}

func (t *table) Close() error { return t.db.Close() }

// dsn returns the driver's name for a file. mode is SQLite's: rw, or rwc to create the file. A
// transaction takes the write lock when it begins, so the rows that it reads cannot change before
// it writes.
func dsn(file, mode string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/…
	}
	query := url.Values{
		"mode":    {mode},
		"_txlock": {"immediate"},
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", lockWait.Milliseconds())},
	}
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// read returns the entries in order.
func (t *table) read(ctx context.Context) ([]entry, error) { return t.readFrom(ctx, t.db) }

func (t *table) readFrom(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}) ([]entry, error) {
	rows, err := db.QueryContext(ctx, "SELECT tenant, origin FROM origins ORDER BY tenant, origin LIMIT ?", t.room+1)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	entries := []entry{}
	for rows.Next() {
		var e entry
		if err := rows.Scan(&e.Tenant, &e.Origin); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	// A read that fails halfway must not be mistaken for a shorter table.
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(entries) > t.room { // written by another process
		return nil, fmt.Errorf("there are more than %d entries", t.room)
	}
	return entries, nil
}

// add adds origins of a tenant. If it returns an error, it has added none. n is the number of new
// origins, and entries is the whole table after the change.
func (t *table) add(ctx context.Context, tenant string, origins []string) (n int, entries []entry, err error) {
	return t.change(ctx, func(tx *sql.Tx) (int, error) {
		const insert = `INSERT INTO origins (tenant, origin)
			SELECT ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`
		n, err := affected(ctx, tx, insert, tenant, list(origins))
		if err != nil {
			return 0, err
		}
		var all int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM origins").Scan(&all); err != nil {
			return 0, err
		}
		if n > 0 && all > t.room {
			return 0, errFull
		}
		return n, nil
	})
}

// remove removes origins of a tenant, or all of them if origins is nil. n is the number of origins
// that were there, and entries is the whole table after the change.
func (t *table) remove(ctx context.Context, tenant string, origins []string) (n int, entries []entry, err error) {
	return t.change(ctx, func(tx *sql.Tx) (int, error) {
		if origins == nil {
			return affected(ctx, tx, "DELETE FROM origins WHERE tenant = ?", tenant)
		}
		return affected(ctx, tx, "DELETE FROM origins WHERE tenant = ? AND origin IN (SELECT value FROM json_each(?))",
			tenant, list(origins))
	})
}

// list returns a parameter for json_each, so that one statement can have thousands of origins.
func list(origins []string) string {
	b, _ := json.Marshal(origins) // strings can always be encoded
	return string(b)
}

// affected executes a statement and returns the number of rows that it changed.
func affected(ctx context.Context, tx *sql.Tx, statement string, args ...any) (int, error) {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

// change runs f in a transaction. It returns the result of f and the whole table after the change.
func (t *table) change(ctx context.Context, f func(*sql.Tx) (int, error)) (n int, entries []entry, err error) {
	tx, err := t.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, rollback(tx))
		}
	}()
	if n, err = f(tx); err != nil {
		return 0, nil, err
	}
	if entries, err = t.readFrom(ctx, tx); err != nil {
		return 0, nil, err
	}
	return n, entries, tx.Commit()
}

func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}
