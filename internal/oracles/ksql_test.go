package oracles_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/stream"
)

// A ksqlTally is what became of the cases of a file.
type ksqlTally struct {
	run, agree int
	refused    map[refusal]int
}

// requireKsql runs the cases of a file, in every way, with all records in one
// batch and one by one, and wants the tally to be exactly this: a case that can
// no longer be read does not go unnoticed.
func requireKsql(t *testing.T, file string, want ksqlTally) {
	t.Helper()
	requireKsqlBy(t, file, ksqlCase.query, want)
}

// requireKsqlBy is requireKsql of cases that are read in another way.
func requireKsqlBy(t *testing.T, file string, read func(ksqlCase) (ksqlQuery, error), want ksqlTally) {
	t.Helper()
	cases := ksqlCases(t, file)
	got := ksqlTally{refused: map[refusal]int{}}
	for _, c := range cases {
		query, err := read(c)
		if why, ok := errors.AsType[refusal](err); ok {
			got.refused[why]++
			continue
		}
		if !assert.NoError(t, err, c.Name) {
			continue
		}
		got.run++
		if c.agrees(t, query) {
			got.agree++
		}
	}
	assert.Equal(t, want, got)
	t.Logf("%s: %d cases, %d run, %d agree, %s", file, len(cases), got.run, got.agree, allWays)
	for why, n := range got.refused {
		t.Logf("%s: %d refused: %s", file, n, why)
	}
}

// A ksqlQuery is what a case asks for.
type ksqlQuery interface {
	// check says for each way to run the query whether it fits a case.
	check(t *testing.T, c ksqlCase, opts ...stream.RunOption) iter.Seq2[string, bool]
}

func (c ksqlCase) agrees(t *testing.T, q ksqlQuery) bool {
	for _, batch := range []int{512, 1} {
		for way, agrees := range q.check(t, c, stream.BatchSize(batch)) {
			if !agrees {
				t.Errorf("%s: not %s in batches of %d", c.Name, way, batch)
				return false
			}
		}
	}
	return true
}

func TestKsqlTumblingWindows(t *testing.T) {
	requireKsql(t, "tumbling-windows.json", ksqlTally{run: 6, agree: 6, refused: map[refusal]int{
		ksqlOtherQuery: 1,
	}})
}

func TestKsqlHoppingWindows(t *testing.T) {
	requireKsql(t, "hopping-windows.json", ksqlTally{run: 7, agree: 7, refused: map[refusal]int{
		ksqlExpectsError: 1,
		ksqlOtherQuery:   1,
	}})
}

func TestKsqlStreamJoins(t *testing.T) {
	requireKsql(t, "joins.json", ksqlTally{run: 37, agree: 37, refused: map[refusal]int{
		ksqlExpectsError: 32,
		ksqlOtherQuery:   52,
		ksqlOuterJoin:    51,
		ksqlJoinGrace:    4,
		ksqlOtherFormat:  36,
		ksqlWindowedKey:  1,
		ksqlStructs:      3,
	}})
}
