package sqldb_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqldb"
)

func TestDenied(t *testing.T) {
	for _, err := range []error{&mysql.MySQLError{Number: 1045}, &pgconn.PgError{Code: "28P01"}, fmt.Errorf("ping: %w", errors.Join(errors.New("first"), &mysql.MySQLError{Number: 1698}))} {
		require.True(t, sqldb.Denied(err), "%v", err)
	}
	for _, err := range []error{nil, errors.New("Error 1045"), &mysql.MySQLError{Number: 1040}, &pgconn.PgError{Code: "28"}} {
		require.False(t, sqldb.Denied(err), "%v", err)
	}
}
