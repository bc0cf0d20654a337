package sqlshred

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

// An Option sets how a table is asked.
type Option func(*Table)

// Dollars has statements say $1 and $2, as PostgreSQL has it, instead of question marks.
func Dollars() Option { return func(t *Table) { t.dollars = true } }

var named = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

const (
	rootRow  = "root"
	keySize  = 32
	atOnce   = 500 // names in a statement
	bindings = "freshet persons table 1"
)

// A Table is a shred.Keeper in a table. Any number of goroutines and processes may use it.
type Table struct {
	db      *sql.DB
	name    string
	dollars bool
	pepper  []byte
	aead    cipher.AEAD // with random nonces
}

// Open returns the keeper in a table of two columns, person and secret, which the caller has made. In an empty table it
// makes a root key. The error is checkpoint.ErrSealed where the keys do not open that, and checkpoint.ErrKeysAway where they cannot be
// asked. Db has to be the database that is written to, and no replica. It panics if db or keys is nil, or the name is not of letters, digits
// and underscores, with a schema and a dot before it or not.
func Open(ctx context.Context, db *sql.DB, table string, keys sealed.Keys, opts ...Option) (*Table, error) {
	if db == nil || keys == nil {
		panic("sqlshred: Open: the DB or the Keys are nil")
	}
	if !named.MatchString(table) {
		panic(fmt.Sprintf("sqlshred: Open: %q is no name of a table", table))
	}
	t := &Table{db: db, name: table}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("sqlshred: Open: option %d of %d is nil", i+1, len(opts)))
		}
		o(t)
	}
	root, err := t.root(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("sqlshred: the root key in %s: %w", table, err)
	}
	if t.pepper, err = hkdf.Key(sha256.New, root, nil, bindings+" pepper", keySize); err != nil {
		return nil, err
	}
	wraps, err := hkdf.Key(sha256.New, root, nil, bindings+" wraps", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(wraps)
	if err != nil {
		return nil, err
	}
	t.aead, err = cipher.NewGCMWithRandomNonce(block)
	return t, err
}

func (t *Table) mark(n int) string {
	if t.dollars {
		return "$" + strconv.Itoa(n)
	}
	return "?"
}

// rows returns the secrets of those persons of whom there is a row.
func (t *Table) rows(ctx context.Context, ids []string) (map[string]sql.NullString, error) {
	all := map[string]sql.NullString{}
	for len(ids) > 0 {
		some := ids[:min(len(ids), atOnce)]
		ids = ids[len(some):]
		marks, args := make([]string, len(some)), make([]any, len(some))
		for i, id := range some {
			marks[i], args[i] = t.mark(i+1), id
		}
		if err := t.read(ctx, "SELECT person, secret FROM "+t.name+" WHERE person IN ("+strings.Join(marks, ", ")+")", args, all); err != nil {
			return nil, fmt.Errorf("sqlshred: %w", err)
		}
	}
	return all, nil
}

func (t *Table) read(ctx context.Context, query string, args []any, to map[string]sql.NullString) error {
	rows, err := t.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var secret sql.NullString
		if err := rows.Scan(&id, &secret); err != nil {
			return err
		}
		to[strings.TrimRight(id, " ")] = secret // a CHAR is filled up in some databases
	}
	return errors.Join(rows.Err(), rows.Close())
}

// insert adds rows of pairs of a person and a secret, all or none.
func (t *Table) insert(ctx context.Context, pairs ...any) error {
	marks := make([]string, len(pairs)/2)
	for i := range marks {
		marks[i] = "(" + t.mark(2*i+1) + ", " + t.mark(2*i+2) + ")"
	}
	_, err := t.db.ExecContext(ctx, "INSERT INTO "+t.name+" (person, secret) VALUES "+strings.Join(marks, ", "), pairs...)
	return err
}

func (t *Table) identify(person string) string {
	h := hmac.New(sha256.New, t.pepper)
	h.Write([]byte(person))
	return hex.EncodeToString(h.Sum(nil))
}

// Keys is for shred.Persons.
func (t *Table) Keys(ctx context.Context, persons []string, create bool) ([]shred.Found, error) {
	ids := make([]string, len(persons))
	for i, p := range persons {
		ids[i] = t.identify(p)
	}
	stored, err := t.rows(ctx, ids)
	if err != nil {
		return nil, err
	}
	if create {
		if stored, err = t.create(ctx, ids, stored); err != nil {
			return nil, err
		}
	}
	all := make([]shred.Found, len(ids))
	for i, id := range ids {
		switch row, there := stored[id]; {
		case there && !row.Valid:
			all[i].Forgotten = true
		case there:
			if all[i].Key, err = t.unwrap(id, row.String); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// create makes keys for those of whom there is no row, and returns the rows that there are then: another process may have
// made one at the same time, or forgotten one.
func (t *Table) create(ctx context.Context, ids []string, stored map[string]sql.NullString) (map[string]sql.NullString, error) {
	var missing []string
	var pairs []any
	for _, id := range ids {
		if _, there := stored[id]; there {
			continue
		}
		secret := make([]byte, keySize)
		_, _ = rand.Read(secret) // never fails
		missing = append(missing, id)
		pairs = append(pairs, id, base64.StdEncoding.EncodeToString(t.aead.Seal(nil, nil, secret, []byte(id))))
	}
	if len(missing) == 0 {
		return stored, nil
	}
	refused := t.insertEach(ctx, pairs)
	made, err := t.rows(ctx, missing)
	if err != nil {
		return nil, err
	}
	for _, id := range missing {
		row, there := made[id]
		if !there {
			return nil, fmt.Errorf("sqlshred: a person's key was not stored: %w", errors.Join(refused, ctx.Err()))
		}
		stored[id] = row
	}
	return stored, nil
}

// insertEach adds rows, some at once, and where those are refused one by one. What was refused last is no error where another process
// has added the row.
func (t *Table) insertEach(ctx context.Context, pairs []any) (refused error) {
	for len(pairs) > 0 {
		some := pairs[:min(len(pairs), 2*atOnce)]
		pairs = pairs[len(some):]
		if t.insert(ctx, some...) == nil {
			continue
		}
		for i := 0; i < len(some); i += 2 {
			if err := t.insert(ctx, some[i:i+2]...); err != nil {
				refused = err
			}
		}
	}
	return refused
}

func (t *Table) unwrap(id, text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		b, err = t.aead.Open(nil, nil, b, []byte(id))
	}
	if err != nil {
		return nil, fmt.Errorf("sqlshred: %w: the row of a person was changed", checkpoint.ErrDamaged)
	}
	return b, nil
}

// Forget puts NULL in the place of keys, and adds rows with it for persons who have none.
func (t *Table) Forget(ctx context.Context, persons ...string) error {
	ids := make([]string, len(persons))
	var refused error
	const forget = " SET secret = NULL WHERE person = "
	for i, p := range persons {
		ids[i] = t.identify(p)
		done, err := t.db.ExecContext(ctx, "UPDATE "+t.name+forget+t.mark(1), ids[i])
		if err != nil {
			return fmt.Errorf("sqlshred: %w", err)
		}
		if n, err := done.RowsAffected(); err == nil && n > 0 {
			continue
		}
		// There was no row, or, as MySQL counts, none that has changed. Another process may make one before this one does.
		if refused = t.insert(ctx, ids[i], nil); refused == nil {
			continue
		}
		if _, err := t.db.ExecContext(ctx, "UPDATE "+t.name+forget+t.mark(1), ids[i]); err != nil {
			return fmt.Errorf("sqlshred: %w", err)
		}
	}
	stored, err := t.rows(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if row, there := stored[id]; !there || row.Valid {
			return fmt.Errorf("sqlshred: a person is not forgotten: %w", errors.Join(refused, ctx.Err(), errors.New("the table has another row for them")))
		}
	}
	return nil
}
