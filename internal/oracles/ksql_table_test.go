package oracles_test

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A ksqlTableRecord is a row of a topic of joins.json that is a table: a key without a value is deleted.
type ksqlTableRecord struct {
	Topic string         `json:"topic"`
	Key   int64          `json:"key"`
	Value map[string]any `json:"value"`
	At    int64          `json:"timestamp"`
}

// A ksqlUpsert is a record as it flows, with the columns as text: "" where the row is deleted.
type ksqlUpsert struct {
	Key  int64
	Text string
	At   int64
}

func (u ksqlUpsert) Time() time.Time { return time.UnixMilli(u.At) }
func (u ksqlUpsert) key() int64      { return u.Key }

func (u ksqlUpsert) change() stream.Change[string] {
	if u.Text == "" {
		return stream.Change[string]{Kind: stream.Delete}
	}
	return stream.Change[string]{Kind: stream.Update, After: u.Text}
}

// A ksqlCell is a row of a table with its key: the columns as text, in order, as JSON has them.
type ksqlCell struct {
	Key  int64
	Text string
}

// The joins of two tables of joins.json, by what their statements say. ksql gives a row for each record and the records of a
// case have times of their own, so changes have to come at the same times and to be the same. Others of its cases are the same
// statements in formats of which JSON shows nothing, or give columns other names.
var ksqlTableJoins = []struct {
	name  string
	kind  stream.JoinKind
	where func(left, right map[string]any) bool
}{
	{"table table left join", stream.LeftOuter, nil},
	{"table table right join", stream.RightOuter, nil},
	{"table table inner join", stream.Inner, nil},
	{"table table outer join", stream.FullOuter, nil},
	{"table table join with where clause", stream.Inner, func(left, right map[string]any) bool {
		return left["VALUE"].(float64) > 10 && right["F2"].(float64) > 5
	}},
}

func TestKsqlTableJoins(t *testing.T) {
	text, err := os.ReadFile(shared(t, "oracles", "ksql", "joins.json"))
	require.NoError(t, err)
	type ksqlTableCase struct {
		Name    string            `json:"name"`
		Inputs  []ksqlTableRecord `json:"-"`
		Outputs []ksqlTableRecord `json:"-"`
	}
	var file struct {
		Tests []map[string]any `json:"tests"`
	}
	require.NoError(t, json.Unmarshal(text, &file))
	for _, x := range ksqlTableJoins {
		ran := false
		for _, all := range file.Tests {
			if all["name"] != x.name {
				continue
			}
			ran = true
			c := ksqlTableCase{Name: x.name}
			for of, to := range map[string]*[]ksqlTableRecord{"inputs": &c.Inputs, "outputs": &c.Outputs} {
				again, err := json.Marshal(all[of])
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(again, to))
			}
			topics, columns := ksqlTopics(c.Inputs), []string{}
			for k := range c.Outputs[0].Value {
				columns = append(columns, k)
			}
			show := func(m map[string]any) string {
				shown := map[string]any{}
				for _, k := range columns {
					shown[k] = m[k]
				}
				b, err := json.Marshal(shown, json.Deterministic(true))
				require.NoError(t, err)
				return string(b)
			}
			var want []string
			for _, o := range c.Outputs {
				value := "null"
				if o.Value != nil {
					value = show(o.Value)
				}
				want = append(want, fmt.Sprint(o.Key, " ", value, " at ", o.At))
			}
			build := plan[stream.Change[ksqlCell]](func(p pipeline) stream.Stream[stream.Change[ksqlCell]] {
				side := func(topic string) stream.Table[int64, string] {
					var of []ksqlUpsert
					for _, r := range c.Inputs {
						if r.Topic != topic {
							continue
						}
						u := ksqlUpsert{Key: r.Key, At: r.At}
						if r.Value != nil {
							b, err := json.Marshal(r.Value, json.Deterministic(true))
							require.NoError(t, err)
							u.Text = string(b)
						}
						of = append(of, u)
					}
					return p.From(source.Slice(of)).EventTime(ksqlUpsert.Time).KeyBy(ksqlUpsert.key).ToTable(ksqlUpsert.change)
				}
				joined := side(topics[0]).Join(side(topics[1]), x.kind, func(m stream.Match[string, string]) string {
					left, right := ksqlColumns(m.Left), ksqlColumns(m.Right)
					if x.where != nil && !x.where(left, right) {
						return ""
					}
					for k, v := range right {
						left[k] = v
					}
					return show(left)
				})
				return joined.Filter(func(_ int64, text string) bool { return text != "" }).
					MapValues(func(k int64, text string) ksqlCell { return ksqlCell{k, text} }).
					Changes()
			})
			for way, got := range build.ways(t, x.name) {
				var have []string
				for _, e := range got.events {
					value := "null"
					if e.Value.Kind != stream.Delete {
						value = e.Value.After.Text
					}
					have = append(have, fmt.Sprint(e.Value.Row().Key, " ", value, " at ", e.Time.Std().UnixMilli()))
				}
				require.ElementsMatch(t, want, have, "%s %s", x.name, way)
			}
			t.Logf("%s: %d of %d changes agree, %s", x.name, len(want), len(want), allWays)
		}
		require.True(t, ran, x.name)
	}
}

// ksqlTopics returns the topics of the left table and the right one, by their names.
func ksqlTopics(inputs []ksqlTableRecord) (topics [2]string) {
	for _, r := range inputs {
		if r.Topic[0] == 'r' {
			topics[1] = r.Topic
		} else {
			topics[0] = r.Topic
		}
	}
	return topics
}

func ksqlColumns(text string) map[string]any {
	all := map[string]any{}
	if text != "" {
		_ = json.Unmarshal([]byte(text), &all)
	}
	return all
}
