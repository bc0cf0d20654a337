package oracles_test

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A rwRow is a row of the table of a case: its columns, the first of which is the key.
type rwRow []int64

// A rwChange is a change of the table, at the second of its statement.
type rwChange struct {
	Change stream.Change[rwRow]
	At     int64
}

func (c rwChange) time() time.Time              { return time.Unix(c.At, 0) }
func (c rwChange) id() int64                    { return c.Change.Row()[0] }
func (c rwChange) change() stream.Change[rwRow] { return c.Change }

// A rwQuery is a query of a view with the rows that it gives, behind so many statements.
type rwQuery struct {
	view string
	at   int64
	rows []string
}

// A rwScript is what a file of statements says.
type rwScript struct {
	columns  []string
	rows     map[int64]rwRow
	changes  []rwChange
	queries  []rwQuery
	includes []string
	at       int64
}

var (
	rwInsert = regexp.MustCompile(`^insert into t values`)
	rwTuple  = regexp.MustCompile(`\(([-0-9, ]+)\)`)
	rwUpdate = regexp.MustCompile(`^update t set "?(\w+)"? = (-?\d+) where "?(\w+)"? = (-?\d+);`)
	rwDelete = regexp.MustCompile(`^delete from t where "?(\w+)"? = (-?\d+);`)
	rwSelect = regexp.MustCompile(`^select \* from (\w+) order by id;\n----\n((?s).*)$`)
	rwCreate = regexp.MustCompile(`^create table t \(((?s)[^)]*)\)`)
)

// readRisingWave reads a file of sqllogictest. What it does not know fails the test.
func readRisingWave(t *testing.T, s *rwScript, text string) {
	for _, block := range strings.Split(text, "\n\n") {
		var lines []string
		for _, line := range strings.Split(block, "\n") {
			if !strings.HasPrefix(line, "#") {
				lines = append(lines, line)
			}
		}
		block = strings.TrimSpace(strings.Join(lines, "\n"))
		head, body, _ := strings.Cut(block, "\n")
		switch {
		case block == "":
		case strings.HasPrefix(head, "include "):
			s.includes = append(s.includes, strings.TrimPrefix(head, "include "))
		case head == "statement ok":
			s.statement(t, body)
		case strings.HasPrefix(head, "query "):
			m := rwSelect.FindStringSubmatch(body)
			require.NotNil(t, m, body)
			q := rwQuery{view: m[1], at: s.at}
			for _, line := range strings.Split(m[2], "\n") {
				q.rows = append(q.rows, strings.Join(strings.Fields(line), " "))
			}
			s.queries = append(s.queries, q)
		default:
			require.Fail(t, "what is this?", block)
		}
	}
}

// statement does what a statement says to the table, at a second of its own.
func (s *rwScript) statement(t *testing.T, text string) {
	number := func(text string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		require.NoError(t, err)
		return n
	}
	s.at++
	put := func(c stream.Change[rwRow]) { s.changes = append(s.changes, rwChange{c, s.at}) }
	matching := func(column, value string) (ids []int64) {
		for id, r := range s.rows {
			if r[slices.Index(s.columns, column)] == number(value) {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		return ids
	}
	switch {
	case rwCreate.MatchString(text):
		for _, column := range strings.Split(rwCreate.FindStringSubmatch(text)[1], ",") {
			s.columns = append(s.columns, strings.Fields(column)[0])
		}
	case rwInsert.MatchString(text):
		for _, m := range rwTuple.FindAllStringSubmatch(text, -1) {
			var r rwRow
			for _, v := range strings.Split(m[1], ",") {
				r = append(r, number(v))
			}
			require.Len(t, r, len(s.columns))
			s.rows[r[0]] = r
			put(stream.Change[rwRow]{Kind: stream.Insert, After: r})
		}
	case rwUpdate.MatchString(text):
		m := rwUpdate.FindStringSubmatch(text)
		for _, id := range matching(m[3], m[4]) {
			r := slices.Clone(s.rows[id])
			r[slices.Index(s.columns, m[1])] = number(m[2])
			put(stream.Change[rwRow]{Kind: stream.Update, After: r, Before: s.rows[id], HasBefore: true})
			s.rows[id] = r
		}
	case rwDelete.MatchString(text):
		m := rwDelete.FindStringSubmatch(text)
		for _, id := range matching(m[1], m[2]) {
			put(stream.Change[rwRow]{Kind: stream.Delete, Before: s.rows[id], HasBefore: true})
			delete(s.rows, id)
		}
	default:
		require.Regexp(t, `^(create|drop) (materialized view|table)`, text)
	}
}

// The columns of t in over_window_setup.slt.
const (
	rwID = iota
	rwP1
	rwP2
	rwTime
	rwV1
	rwV2
)

func rwCol(i int) func(rwRow) int64 { return func(r rwRow) int64 { return r[i] } }

// rwBy orders rows by columns; peers come by id, as keys do.
func rwBy(columns ...int) func(a, b rwRow) int {
	return func(a, b rwRow) int {
		for _, i := range columns {
			if c := cmp.Compare(a[i], b[i]); c != 0 {
				return c
			}
		}
		return 0
	}
}

func rwP1Only(_ int64, r rwRow) int64 { return r[rwP1] }
func rwPair(_ int64, r rwRow) [2]int64 {
	return [2]int64{r[rwP1], r[rwP2]}
}

// Columns write the text of a row, one behind another.
func rwText(s *string, r rwRow) {
	*s = strings.Trim(fmt.Sprint([]int64(r)), "[]")
}

func rwValue(column int) func(s *string, r rwRow, some bool) {
	return func(s *string, r rwRow, some bool) {
		if !some {
			*s += " NULL"
			return
		}
		*s += fmt.Sprint(" ", r[column])
	}
}

func rwResult[X any](s *string, x X) { *s += fmt.Sprint(" ", x) }

func rwBoth(m stream.Match[string, string]) string { return m.Left + m.Right }

// A rwView is a view of the files, with what it says in SQL there and what it is here.
type rwView struct {
	sql   []string
	table func(t stream.Table[int64, rwRow]) stream.Table[int64, string]
}

func rwOver[P comparable](t stream.Table[int64, rwRow], partition func(int64, rwRow) P, order func(a, b rwRow) int, columns ...over.Column[rwRow, string]) stream.Table[int64, string] {
	return t.OrderBy(partition, order).Over(over.Select(columns...))
}

var rwViews = map[string]rwView{
	"v_a": {
		[]string{"first_value(v1) over (partition by p1, p2 order by time, id rows 3 preceding) as out1"},
		func(t stream.Table[int64, rwRow]) stream.Table[int64, string] {
			return rwOver(t, rwPair, rwBy(rwTime, rwID), over.Row(rwText), over.First(over.Rows(3, 0), rwValue(rwV1)))
		}},
	"v_b": {
		[]string{
			"avg(v1) over (partition by p1) as out2",
			"sum(v1) over (partition by p1, p2 order by time, id rows between unbounded preceding and current row) as out3",
			"min(v1) over (partition by p1, p2 order by time, id rows between current row and unbounded following) as out4",
		},
		func(t stream.Table[int64, rwRow]) stream.Table[int64, string] {
			return rwOver(t, rwP1Only, rwBy(), over.Row(rwText),
				over.Aggregate(over.Rows(over.All, over.All), window.ExactMean(rwCol(rwV1)), rwResult[float64])).
				Join(rwOver(t, rwPair, rwBy(rwTime, rwID),
					over.Aggregate(over.Rows(over.All, 0), window.Sum(rwCol(rwV1)), rwResult[int64]),
					over.Aggregate(over.Rows(0, over.All), window.Min(rwCol(rwV1)), rwResult[int64])), stream.Inner, rwBoth)
		}},
	"v_c": {
		[]string{
			"lag(v1, 0) over (partition by p1 order by id) as out5",
			"lag(v1, 1) over (partition by p1, p2 order by id) as out6",
			"lag(v1) over (partition by p1, p2 order by time, id) as out7",
			"lead(v2, 1) over (partition by p1, p2 order by time, id) as out8",
			"lead(v2, 2) over (partition by p1, p2 order by v1, v2) as out9",
		},
		func(t stream.Table[int64, rwRow]) stream.Table[int64, string] {
			return rwOver(t, rwP1Only, rwBy(rwID), over.Row(rwText), over.Lag(0, rwValue(rwV1))).
				Join(rwOver(t, rwPair, rwBy(rwID), over.Lag(1, rwValue(rwV1))), stream.Inner, rwBoth).
				Join(rwOver(t, rwPair, rwBy(rwTime, rwID), over.Lag(1, rwValue(rwV1)), over.Lead(1, rwValue(rwV2))), stream.Inner, rwBoth).
				Join(rwOver(t, rwPair, rwBy(rwV1, rwV2), over.Lead(2, rwValue(rwV2))), stream.Inner, rwBoth)
		}},
	"v_d": {
		[]string{
			"last_value(time) over (partition by p1 order by time desc range between current row and 2 following) as out10",
			"sum(v1) over (partition by p1 order by time range between 1 preceding and 1 following) as out11",
		},
		func(t stream.Table[int64, rwRow]) stream.Table[int64, string] {
			descending := func(r rwRow) int64 { return -r[rwTime] }
			return rwOver(t, rwP1Only, func(a, b rwRow) int { return cmp.Compare(b[rwTime], a[rwTime]) },
				over.Row(rwText), over.Last(over.RangeOf(descending, 0, 2), rwValue(rwTime))).
				Join(rwOver(t, rwP1Only, rwBy(rwTime),
					over.Aggregate(over.RangeOf(rwCol(rwTime), 1, 1), window.Sum(rwCol(rwV1)), rwResult[int64])), stream.Inner, rwBoth)
		}},
	"v": { // t has columns id and score
		[]string{
			"row_number() over (partition by 0::int order by score desc, id) as r1",
			"rank() over (partition by 0::int order by score desc) as r2",
			"dense_rank() over (partition by 0::int order by score desc) as r3",
		},
		func(t stream.Table[int64, rwRow]) stream.Table[int64, string] {
			return rwOver(t, func(int64, rwRow) stream.NoKey { return stream.NoKey{} }, func(a, b rwRow) int { return cmp.Compare(b[1], a[1]) },
				over.Row(rwText), over.Rank(func(s *string, _ rwRow, r over.Ranks) {
					*s += fmt.Sprint(" ", r.RowNumber, " ", r.Rank, " ", r.DenseRank)
				}))
		}},
}

// RisingWave's window functions: after each statement a view has the rows that it has there. Its changes are looked at as of
// the second of the statement, in every way to run them.
func TestRisingWave(t *testing.T) {
	setup, err := os.ReadFile(shared(t, "oracles", "risingwave", "over_window_setup.slt"))
	require.NoError(t, err)
	for _, name := range []string{"over_window_basic.slt", "over_window_rank.slt"} {
		text, err := os.ReadFile(shared(t, "oracles", "risingwave", name))
		require.NoError(t, err)
		s := rwScript{rows: map[int64]rwRow{}}
		if name == "over_window_basic.slt" {
			readRisingWave(t, &s, string(setup))
			text = []byte(strings.ReplaceAll(string(text), "include ./setup.slt.part\n", ""))
		}
		readRisingWave(t, &s, string(text))
		require.NotEmpty(t, s.queries)
		ran := 0
		for view, x := range rwViews {
			asked := slices.DeleteFunc(slices.Clone(s.queries), func(q rwQuery) bool { return q.view != view })
			if len(asked) == 0 {
				continue
			}
			for _, column := range x.sql {
				require.Contains(t, string(setup)+string(text), column, "the view %s is what it was", view)
			}
			build := plan[stream.Change[rwCell]](func(p pipeline) stream.Stream[stream.Change[rwCell]] {
				table := p.From(source.Slice(s.changes)).EventTime(rwChange.time).KeyBy(rwChange.id).ToTable(rwChange.change)
				return x.table(table).MapValues(func(id int64, text string) rwCell { return rwCell{id, text} }).Changes()
			})
			for way, got := range build.ways(t, name+" "+view) {
				for _, q := range asked {
					require.Equal(t, q.rows, rwStanding(got.events, q.at), "%s, %s behind statement %d, %s", name, view, q.at, way)
				}
			}
			ran += len(asked)
		}
		require.Equal(t, len(s.queries), ran, "%s: queries of views that are not here", name)
		t.Logf("%s: %d of %d queries agree, %s; %d includes are not among the oracles", name, ran, len(s.queries), allWays, len(s.includes))
	}
}

// A rwCell is a row of a view as text.
type rwCell struct {
	ID   int64
	Text string
}

// rwStanding returns the rows of a view as of a second, by id.
func rwStanding(all []stream.Event[stream.Change[rwCell]], at int64) (texts []string) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b stream.Event[stream.Change[rwCell]]) int { return cmp.Compare(a.Time, b.Time) })
	rows := map[int64]string{}
	for _, e := range all {
		switch c := e.Value; {
		case e.Time.Std().Unix() > at:
		case c.Kind == stream.Delete:
			delete(rows, c.Before.ID)
		default:
			rows[c.After.ID] = c.After.Text
		}
	}
	var ids []int64
	for id := range rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		texts = append(texts, rows[id])
	}
	return texts
}
