package sqlshred

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
)

// root returns the key of the table, and wraps it anew where keys has another current one.
func (t *Table) root(ctx context.Context, keys sealed.Keys) ([]byte, error) {
	stored, err := t.rows(ctx, []string{rootRow})
	if err != nil {
		return nil, err
	}
	row, there := stored[rootRow]
	if !there {
		made := make([]byte, keySize)
		_, _ = rand.Read(made) // never fails
		wrapped, err := wrap(keys, made)
		if err != nil {
			return nil, err
		}
		refused := t.insert(ctx, rootRow, wrapped) // another process may have been faster
		if stored, err = t.rows(ctx, []string{rootRow}); err != nil {
			return nil, err
		}
		if row, there = stored[rootRow]; !there {
			return nil, refused
		}
	}
	if !row.Valid {
		return nil, fmt.Errorf("%w: its row has NULL", checkpoint.ErrDamaged)
	}
	name, wrapped, err := parse(row.String)
	if err != nil {
		return nil, err
	}
	root, err := keys.Unwrap(name, wrapped, []byte(bindings))
	if err != nil {
		return nil, away(err)
	}
	if current := keys.Current(); name != current {
		again, err := wrap(keys, root)
		if err != nil {
			return nil, err
		}
		_, err = t.db.ExecContext(ctx, "UPDATE "+t.name+" SET secret = "+t.mark(1)+" WHERE person = "+t.mark(2)+" AND secret = "+t.mark(3), again, rootRow, row.String)
		if err != nil {
			return nil, err
		}
	}
	return root, nil
}

// wrap returns what the row of the root key has: the name of the key that wraps it, and that.
func wrap(keys sealed.Keys, root []byte) (string, error) {
	name := keys.Current()
	wrapped, err := keys.Wrap(name, root, []byte(bindings))
	if err != nil {
		return "", away(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(name)) + " " + base64.StdEncoding.EncodeToString(wrapped), nil
}

func parse(text string) (name string, wrapped []byte, err error) {
	first, second, _ := strings.Cut(text, " ")
	of, e1 := base64.StdEncoding.DecodeString(first)
	wrapped, e2 := base64.StdEncoding.DecodeString(second)
	if e1 != nil || e2 != nil || len(wrapped) == 0 {
		return "", nil, fmt.Errorf("%w: it is none", checkpoint.ErrDamaged)
	}
	return string(of), wrapped, nil
}

// away returns the error of a Keys.
func away(err error) error {
	if errors.Is(err, checkpoint.ErrSealed) || errors.Is(err, checkpoint.ErrKeysAway) {
		return err
	}
	return fmt.Errorf("%w: %w", checkpoint.ErrKeysAway, err)
}
