package sqlsource_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
)

// The keys of rows, which offsets have, and values that fit no field are in nothing that a run with Redact writes.
func TestSecrets(t *testing.T) {
	const secret = secretstest.Secret
	db := sqlservers.SQLite(t).Open(t, "CREATE TABLE persons (name TEXT PRIMARY KEY, age TEXT)", "INSERT INTO persons VALUES ('"+secret+"', 'is "+secret+"')")
	type person struct {
		Name string `sql:"name,key"`
		Age  int    `sql:"age"`
	}
	secretstest.Refuses[[]byte](t, "a value", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(sqlsource.Table[person](db, "persons", sqlsource.SQLite), opts...).To(sink.Discard[person]())
	})
	readers, err := sqlsource.Table[person](db, "persons", sqlsource.SQLite).Open(&stream.SourceContext{Context: t.Context(), Shards: 1})
	require.NoError(t, err)
	for _, r := range readers {
		require.True(t, r.(stream.KeyRevealer).RevealsKeys(), "offsets have keys, and are hidden then: see TestSecretsOfPlaces")
		require.NoError(t, r.Close())
	}
}
