package sqlsink_test

import (
	"testing"

	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// Databases name the value that they refuse; a run with Redact shows it to nobody.
func TestRefusedSecrets(t *testing.T) {
	const secret = secretstest.Secret
	for _, of := range []struct {
		name, query string
		start       func(testing.TB) *sqlservers.Server
		opts        []sqlsink.Option
	}{
		{"MariaDB", "INSERT INTO persons VALUES (?)", sqlservers.MariaDB, nil},
		{"PostgreSQL", "INSERT INTO persons VALUES (CAST($1::text AS integer)::text)", sqlservers.PostgreSQL, []sqlsink.Option{sqlsink.Dollars()}},
	} {
		t.Run(of.name, func(t *testing.T) {
			s := of.start(t)
			for _, checkpoints := range []bool{false, true} {
				secretstest.Try[string](t, "a row", checkpoints, func(p *stream.Pipeline, opts ...stream.Option) {
					db := s.Open(t, "CREATE TABLE persons (name VARCHAR(100) PRIMARY KEY)", "INSERT INTO persons VALUES ('"+secret+"')")
					p.From(source.Slice([]string{secret, "other"})).
						To(sqlsink.Statement(db, of.query, func(name string) []any { return []any{name} }, of.opts...), append(opts, stream.Name("rows"))...)
				})
			}
		})
	}
}
