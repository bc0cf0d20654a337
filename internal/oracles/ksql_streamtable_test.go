package oracles_test

import (
	"iter"
	"maps"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

const ksqlNoStreamTable = refusal("is no join of a stream with a table")

var ksqlStreamTableForm = ksqlForm(`CREATE STREAM (\w+)(?: WITH \((.*?)\))? AS SELECT (.*) FROM (\w+)(?: (?:AS )?(\w+))??` +
	`(| INNER| LEFT(?: OUTER)?) JOIN (\w+)(?: (?:AS )?(\w+))?? ON (.+?) ?= ?(.+?)(?: WHERE (.+))?;`)

// A ksqlStreamTable is a query that joins a stream with a table: each record with the row that its key has then. To ksql
// that is the one which has arrived, to TemporalJoin the one of the record's event time. The records of a case arrive in the order of
// their times.
type ksqlStreamTable struct {
	ksqlJoin
	kind stream.JoinKind
}

// streamTable reads the statements of a case that joins a stream with a table.
func (c ksqlCase) streamTable() (ksqlQuery, error) {
	if c.Exception != nil {
		return nil, ksqlExpectsError
	}
	sources, tables := map[string]ksqlSource{}, map[string]bool{}
	var queries []string
	for _, s := range c.Statements {
		text := strings.ToUpper(s)
		if strings.Contains(text, " SELECT ") {
			queries = append(queries, s)
			continue
		}
		if words := strings.Fields(text); words[1] == "TABLE" {
			tables[words[2]] = true
		}
		if m := ksqlSourceForm.FindStringSubmatch(s); m != nil {
			sources[strings.ToUpper(m[1])] = newKsqlSource(m)
		}
	}
	if len(queries) != 1 {
		return nil, ksqlNoStreamTable
	}
	m := ksqlStreamTableForm.FindStringSubmatch(queries[0])
	if m == nil || tables[strings.ToUpper(m[4])] || !tables[strings.ToUpper(m[7])] {
		return nil, ksqlNoStreamTable
	}
	q := ksqlStreamTable{kind: stream.Inner}
	if m[6] != "" && !strings.EqualFold(m[6], " INNER") {
		q.kind = stream.LeftOuter
	}
	if err := q.between(sources, m[4:6], m[7:9]); err != nil {
		return nil, err
	}
	q.bare = ksqlProperties(m[2])["WRAP_SINGLE_VALUE"] == "false"
	return q, q.read(m[3], m[9], m[10], m[11])
}

func (q ksqlStreamTable) check(t *testing.T, c ksqlCase, opts ...stream.RunOption) iter.Seq2[string, bool] {
	build := plan[ksqlJoinRow](func(p pipeline) stream.Stream[ksqlJoinRow] {
		versions := p.From(source.Slice(q.scope[1].versions(c.Inputs))).
			EventTime(ksqlRow.Time, stream.Disorder(ksqlPatience)).
			KeyBy(func(r ksqlRow) string { return ksqlText(q.on[1].of(r)) }).
			ToTable(func(r ksqlRow) stream.Change[ksqlRow] {
				if r.columns[ksqlGone] != nil {
					return stream.Change[ksqlRow]{Kind: stream.Delete}
				}
				return stream.Change[ksqlRow]{Kind: stream.Update, After: r}
			})
		return q.side(p, 0, c).
			TemporalJoin(versions, q.kind, func(m stream.Match[ksqlRow, ksqlRow]) ksqlRow {
				all := maps.Clone(m.Left.columns)
				maps.Copy(all, m.Right.columns)
				return ksqlRow{columns: all}
			}).
			Filter(q.where).
			Map(q.row)
	})
	return func(yield func(string, bool) bool) {
		for way, got := range build.ways(t, c.Name, opts...) {
			if !yield(way, q.fits(t, c, got)) {
				return
			}
		}
	}
}

// ksqlGone is a column that only records have which delete their row.
const ksqlGone = "gone"

// versions returns the records of a table's topic. Those without a value delete the row.
func (s ksqlSide) versions(records []ksqlRecord) (rows []ksqlRow) {
	for _, r := range records {
		if r.Topic == s.topic && r.Value == nil {
			row := ksqlRow{r.At, map[string]any{ksqlGone: true}}
			for _, c := range s.columns {
				if c.key {
					row.columns[s.alias+"."+c.name] = c.typed(r.Key)
				}
			}
			rows = append(rows, row)
			continue
		}
		rows = append(rows, s.rows(s.alias, []ksqlRecord{r})...)
	}
	return rows
}

func TestKsqlStreamTableJoins(t *testing.T) {
	requireKsqlBy(t, "joins.json", ksqlCase.streamTable, ksqlTally{run: 11, agree: 11, refused: map[refusal]int{
		ksqlExpectsError:  32,
		ksqlNoStreamTable: 160,
		ksqlOtherFormat:   13,
	}})
	requireKsqlBy(t, "stream-table-join.json", ksqlCase.streamTable, ksqlTally{refused: map[refusal]int{ksqlExpectsError: 5}})
}
