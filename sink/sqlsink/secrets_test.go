package sqlsink_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A database names the value that it refuses; a run with Redact shows it to nobody.
func TestRefusedSecrets(t *testing.T) {
	const secret = "Lovelace-4111"
	s := sqlservers.MariaDB(t)
	for _, mode := range []string{"stop", "skip", "divert"} {
		for _, checkpoints := range []bool{false, true} {
			for _, redacts := range []bool{false, true} {
				db := s.Open(t, "CREATE TABLE persons (name VARCHAR(100) PRIMARY KEY)", "INSERT INTO persons VALUES ('"+secret+"')")
				var all bytes.Buffer
				p := stream.New("persons")
				var bad stream.Failures[string]
				var opts []stream.Option
				switch mode {
				case "skip":
					opts = append(opts, stream.SkipFailures())
				case "divert":
					opts = append(opts, stream.Divert(&bad))
				}
				p.From(source.Slice([]string{secret, "other"})).
					To(sqlsink.Statement(db, "INSERT INTO persons VALUES (?)", func(name string) []any { return []any{name} }), append(opts, stream.Name("rows"))...)
				if mode == "divert" {
					bad.Stream().To(sink.Func(func(_ context.Context, f stream.Event[stream.Failed[string]]) error {
						_, err := fmt.Fprintln(&all, f.Value.Operator, f.Value.Position, f.Value.Err)
						return err
					}))
				}
				how := []stream.RunOption{stream.Shards(1), stream.Logger(slog.New(slog.NewTextHandler(&all, nil)))}
				if checkpoints {
					how = append(how, stream.Checkpoints(checkpoint.Memory(), time.Hour))
				}
				if redacts {
					how = append(how, stream.Redact(func(string) string { return "[redacted]" }))
				}
				err := p.Run(t.Context(), how...)
				require.Equal(t, mode == "stop", err != nil, "%s, checkpoints %v: %v", mode, checkpoints, err)
				fmt.Fprintln(&all, err)
				what := fmt.Sprintf("%s, checkpoints %v, redacts %v", mode, checkpoints, redacts)
				if redacts {
					require.NotContains(t, all.String(), secret, what)
				} else if mode != "skip" || checkpoints { // else nobody is told
					require.Contains(t, all.String(), secret, what)
				}
				require.NoError(t, db.Close())
			}
		}
	}
}
