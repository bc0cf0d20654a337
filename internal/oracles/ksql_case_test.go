package oracles_test

import (
	"encoding/binary"
	"encoding/json/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// A ksqlCase is one test of a file: statements, what goes in and what comes
// out.
type ksqlCase struct {
	Name       string       `json:"name"`
	Formats    []string     `json:"format"` // one case for each: {FORMAT} stands for it
	Statements []string     `json:"statements"`
	Inputs     []ksqlRecord `json:"inputs"`
	Outputs    []ksqlRecord `json:"outputs"`
	Exception  any          `json:"expectedException"`
}

// A ksqlRecord is a record of a topic. Its time is in milliseconds.
type ksqlRecord struct {
	Topic  string   `json:"topic"`
	Key    any      `json:"key"`
	Value  any      `json:"value"`
	At     int64    `json:"timestamp"`
	Window ksqlSpan `json:"window"`
}

type ksqlSpan struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"`
}

// ksqlCases reads a file, with a case for each of its formats.
func ksqlCases(t *testing.T, name string) (all []ksqlCase) {
	t.Helper()
	text, err := os.ReadFile(shared(t, "oracles", "ksql", name))
	require.NoError(t, err)
	var file struct {
		Tests []ksqlCase `json:"tests"`
	}
	require.NoError(t, json.Unmarshal(text, &file))
	for _, c := range file.Tests {
		if len(c.Formats) == 0 {
			all = append(all, c)
		}
		for _, format := range c.Formats {
			one := c
			one.Name += " - " + format
			one.Statements = nil
			for _, s := range c.Statements {
				one.Statements = append(one.Statements, strings.ReplaceAll(s, "{FORMAT}", format))
			}
			all = append(all, one)
		}
	}
	return all
}

// A ksqlSource is a stream that a statement declares over a topic.
type ksqlSource struct {
	name, topic       string
	columns           []ksqlColumn
	format, keyFormat string
	windowed          bool // its key carries a window
	bare              bool // a value of one column is not wrapped in an object
}

type ksqlColumn struct {
	name, kind string
	key        bool
}

// A ksqlRow is a record as a query sees it, its columns by alias and name. A
// column that is missing is null.
type ksqlRow struct {
	at      int64
	columns map[string]any
}

func (r ksqlRow) Time() time.Time { return time.UnixMilli(r.at) }

// AppendBinary and UnmarshalBinary are for checkpoints: what a column holds is
// of any type that JSON has.
func (r ksqlRow) AppendBinary(b []byte) ([]byte, error) {
	columns, err := json.Marshal(r.columns)
	return append(binary.LittleEndian.AppendUint64(b, uint64(r.at)), columns...), err
}

func (r *ksqlRow) UnmarshalBinary(b []byte) error {
	r.at = int64(binary.LittleEndian.Uint64(b))
	return json.Unmarshal(b[8:], &r.columns)
}

// ksqlMillis returns an event time as the files write it.
func ksqlMillis(t stream.Time) int64 { return t.Std().UnixMilli() }

// rows returns the records of the source's topic. Records without a value are
// left out: no query on streams sees them.
func (s ksqlSource) rows(alias string, records []ksqlRecord) (rows []ksqlRow) {
	for _, r := range records {
		if r.Topic != s.topic || r.Value == nil {
			continue
		}
		row := ksqlRow{r.At, map[string]any{alias + ".ROWTIME": float64(r.At)}}
		values := s.values(r.Value)
		for _, c := range s.columns {
			v := values[c.name]
			if c.key {
				v = r.Key
			}
			row.columns[alias+"."+c.name] = c.typed(v)
		}
		rows = append(rows, row)
	}
	return rows
}

// values returns the columns of a value by name.
func (s ksqlSource) values(value any) map[string]any {
	columns := slices.DeleteFunc(slices.Clone(s.columns), func(c ksqlColumn) bool { return c.key })
	values := map[string]any{}
	if object, ok := value.(map[string]any); ok && !s.bare {
		for name, v := range object {
			values[strings.ToUpper(name)] = v
		}
		return values
	}
	if s.bare {
		values[columns[0].name] = value
		return values
	}
	for i, cell := range strings.Split(value.(string), ",") {
		values[columns[i].name] = cell
	}
	return values
}

// typed returns a value of a column that may have been written as text.
func (s ksqlSource) typed(column string, v any) any {
	i := slices.IndexFunc(s.columns, func(c ksqlColumn) bool { return c.name == column })
	return s.columns[i].typed(v)
}

// typed returns a value that may have been written as text.
func (c ksqlColumn) typed(v any) any {
	if text, ok := v.(string); ok && !slices.Contains([]string{"VARCHAR", "STRING"}, c.kind) {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return v
}

// ksqlText writes a value so that equal ones are equal text.
func ksqlText(v any) string {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err)
	}
	return string(text)
}
