package binlogsource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/stream"
)

// replay makes tables of events, each of which has to fit the table as it is.
func replay(t *testing.T, all []told) map[string]map[string]string {
	tables := map[string]map[string]string{}
	for _, table := range killTables {
		tables[table] = map[string]string{}
	}
	for i, e := range all {
		rows := tables[e.Table]
		fits := true
		switch {
		case e.Kind == binlogsource.Altered && strings.Contains(e.Query, "DROP COLUMN"):
			for key, text := range rows {
				before, _, _ := strings.Cut(text, " c=")
				rows[key] = before + " c=NULL"
			}
		case e.Kind == binlogsource.Altered:
		case e.Kind != binlogsource.Row:
			clear(rows)
		default:
			if e.Change == stream.Update || e.Change == stream.Delete {
				fits = rows[e.Was] == e.Before.String()
				delete(rows, e.Was)
			}
			if e.Change != stream.Delete {
				_, there := rows[e.Is]
				fits = fits && !there
				rows[e.Is] = e.After.String()
			}
		}
		if !fits {
			t.Fatalf("event %d of %d does not fit: %+v; the row before it is %q", i, len(all), e, rows[e.Was])
		}
	}
	return tables
}

func (r content) String() string {
	c := "NULL"
	if r.C != nil {
		c = fmt.Sprint(*r.C)
	}
	return fmt.Sprintf("a=%d b=%s c=%s", r.A, r.B, c)
}

// same compares the tables with those of the server.
func same(t *testing.T, s *database, mode string, got map[string]map[string]string) {
	for _, table := range killTables {
		want := map[string]string{}
		c := "NULL"
		var columns int
		_, name, _ := strings.Cut(table, ".")
		require.NoError(t, s.root.QueryRow("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = ? AND COLUMN_NAME = 'c'", name).Scan(&columns))
		if columns > 0 {
			c = "c"
		}
		rows, err := s.root.Query("SELECT id, a, b, COALESCE(" + c + ", 'NULL') FROM " + table)
		require.NoError(t, err)
		for rows.Next() {
			var id, a, b, c string
			require.NoError(t, rows.Scan(&id, &a, &b, &c))
			want[id] = fmt.Sprintf("a=%s b=%s c=%s", a, b, c)
		}
		require.NoError(t, rows.Err())
		for id, text := range want {
			require.Equal(t, text, got[table][id], "%s, row %s", table, id)
		}
		require.Len(t, got[table], len(want), table)
	}
}
