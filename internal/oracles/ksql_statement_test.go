package oracles_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A refusal is the error of a case that is not for us to run: why not.
type refusal string

func (r refusal) Error() string { return string(r) }

// Why cases are refused. The first that applies is given.
const (
	ksqlExpectsError = refusal("expects an error of ksql's parser or planner")
	ksqlOtherQuery   = refusal("joins with tables or copies a stream: neither a windowed aggregate nor a join of streams WITHIN")
	ksqlOuterJoin    = refusal("outer join: gives rows of nulls early, or has a grace for each side")
	ksqlJoinGrace    = refusal("join with GRACE, which ksql keeps for each side")
	ksqlOtherFormat  = refusal("format is neither JSON nor DELIMITED")
	ksqlWindowedKey  = refusal("key carries a window of another query")
	ksqlStructs      = refusal("joins on an array, a struct or a field of one: not a plain key")
)

var (
	ksqlSourceForm = ksqlForm(`CREATE (?:STREAM|TABLE) (\w+) \((.*)\) WITH \((.*)\);`)
	ksqlWindowForm = ksqlForm(`CREATE TABLE (\w+) AS SELECT (\w+), (\w+)\((?:(\w+)(?:, (\d+))?)?\)(?: AS (\w+))? FROM (\w+)` +
		` WINDOW (?:TUMBLING|HOPPING) \(SIZE (\d+ \w+)(?:, ADVANCE BY (\d+ \w+))?(?:, GRACE PERIOD (\d+ \w+))?\) GROUP BY (\w+);`)
	ksqlJoinForm = ksqlForm(`CREATE STREAM (\w+)(?: WITH \((.*?)\))? AS SELECT (.*) FROM (\w+)(?: (?:AS )?(\w+))??` +
		`(| INNER| (?:LEFT|RIGHT|FULL)(?: OUTER)?) JOIN (\w+)(?: (?:AS )?(\w+))?? WITHIN (\d+ \w+|\(\d+ \w+, \d+ \w+\))( GRACE PERIOD \d+ \w+)?` +
		` ON (.+?) = (.+?)(?: WHERE (.+))?;`)
)

func ksqlForm(form string) *regexp.Regexp { return regexp.MustCompile("(?i)^" + form + "$") }

// A ksqlWindow is a query that aggregates by key and window.
type ksqlWindow struct {
	source               ksqlSource
	group, function      string
	column               string // what is aggregated; for COUNT any
	top                  int    // how many TOPK keeps
	name                 string // what the result is called
	size, advance, grace time.Duration
}

// A ksqlJoin is a query that joins two streams.
type ksqlJoin struct {
	scope         ksqlScope
	before, after time.Duration
	on            [2]ksqlExpr
	where         func(ksqlRow) bool
	key           string // the column that becomes the key, "" for one that ON computes
	outputs       []ksqlOutput
	bare          bool
}

type ksqlOutput struct{ name, column string }

// query reads the statements of a case: the streams and the one query that
// counts. Its error is a refusal, or that of a statement nobody foresaw.
func (c ksqlCase) query() (ksqlQuery, error) {
	if c.Exception != nil {
		return nil, ksqlExpectsError
	}
	sources := map[string]ksqlSource{}
	var queries []string
	for _, s := range c.Statements {
		if m := ksqlSourceForm.FindStringSubmatch(s); m != nil {
			sources[strings.ToUpper(m[1])] = newKsqlSource(m)
		} else if strings.Contains(strings.ToUpper(s), " SELECT ") {
			queries = append(queries, s)
		}
	}
	for _, s := range queries {
		if text := strings.ToUpper(s); !strings.Contains(text, " WITHIN ") && !strings.Contains(text, " WINDOW ") {
			return nil, ksqlOtherQuery
		}
	}
	if len(queries) != 1 {
		return nil, fmt.Errorf("%d queries", len(queries))
	}
	if m := ksqlWindowForm.FindStringSubmatch(queries[0]); m != nil {
		return newKsqlWindow(m, sources)
	}
	if m := ksqlJoinForm.FindStringSubmatch(queries[0]); m != nil {
		return newKsqlJoin(m, sources)
	}
	return nil, fmt.Errorf("no form fits %s", queries[0])
}

func newKsqlSource(m []string) ksqlSource {
	s := ksqlSource{name: strings.ToUpper(m[1])}
	for _, text := range ksqlSplit(m[2]) {
		words := strings.Fields(strings.ToUpper(text))
		s.columns = append(s.columns, ksqlColumn{words[0], words[1], words[len(words)-1] == "KEY"})
	}
	properties := ksqlProperties(m[3])
	s.topic = properties["KAFKA_TOPIC"]
	s.format, s.keyFormat = properties["VALUE_FORMAT"], properties["KEY_FORMAT"]
	if format, ok := properties["FORMAT"]; ok {
		s.format, s.keyFormat = format, format
	}
	s.windowed = properties["WINDOW_TYPE"] != ""
	s.bare = properties["WRAP_SINGLE_VALUE"] == "false"
	return s
}

func ksqlProperties(text string) map[string]string {
	properties := map[string]string{}
	for _, one := range ksqlSplit(text) {
		name, value, _ := strings.Cut(one, "=")
		properties[strings.ToUpper(strings.TrimSpace(name))] = strings.Trim(value, " '")
	}
	return properties
}

// usable returns why a source cannot be read here, or nil.
func (s ksqlSource) usable() error {
	switch {
	case !slices.Contains([]string{"JSON", "DELIMITED"}, s.format), !slices.Contains([]string{"", "KAFKA", "JSON", "DELIMITED", "NONE"}, s.keyFormat):
		return ksqlOtherFormat
	case s.windowed:
		return ksqlWindowedKey
	}
	return nil
}

func newKsqlWindow(m []string, sources map[string]ksqlSource) (ksqlQuery, error) {
	q := ksqlWindow{
		source: sources[strings.ToUpper(m[7])], group: strings.ToUpper(m[11]), function: strings.ToUpper(m[3]), column: strings.ToUpper(m[4]),
		name: strings.ToUpper(m[6]), size: ksqlDuration(m[8]), advance: ksqlDuration(m[9]), grace: 24 * time.Hour,
	}
	q.top, _ = strconv.Atoi(m[5])
	if m[10] != "" {
		q.grace = ksqlDuration(m[10])
	}
	if !strings.EqualFold(m[2], q.group) {
		return nil, fmt.Errorf("selects %s and groups by %s", m[2], q.group)
	}
	return q, q.source.usable()
}

func newKsqlJoin(m []string, sources map[string]ksqlSource) (ksqlQuery, error) {
	if kind := strings.TrimSpace(strings.ToUpper(m[6])); kind != "" && kind != "INNER" {
		return nil, ksqlOuterJoin
	}
	if m[10] != "" {
		return nil, ksqlJoinGrace
	}
	var q ksqlJoin
	if err := q.between(sources, m[4:6], m[7:9]); err != nil {
		return nil, err
	}
	within := ksqlSplit(strings.Trim(m[9], "()"))
	q.before, q.after = ksqlDuration(within[0]), ksqlDuration(within[len(within)-1])
	q.bare = ksqlProperties(m[2])["WRAP_SINGLE_VALUE"] == "false"
	return q, q.read(m[3], m[11], m[12], m[13])
}

// between reads what a join is between: the name of each side and its alias, which may be empty.
func (q *ksqlJoin) between(sources map[string]ksqlSource, sides ...[]string) error {
	for i, side := range sides {
		s := sources[strings.ToUpper(side[0])]
		if err := s.usable(); err != nil {
			return err
		}
		q.scope[i] = ksqlSide{s, s.name}
		if side[1] != "" {
			q.scope[i].alias = strings.ToUpper(side[1])
		}
	}
	return nil
}

// ksqlDuration reads a duration such as "30 SECONDS".
func ksqlDuration(text string) time.Duration {
	number, unit, _ := strings.Cut(text, " ")
	n, _ := strconv.Atoi(number)
	switch strings.TrimSuffix(strings.ToUpper(unit), "S") {
	case "SECOND":
		return time.Duration(n) * time.Second
	case "MINUTE":
		return time.Duration(n) * time.Minute
	}
	return 0
}

// ksqlSplit splits a list at the commas that stand in no brackets.
func ksqlSplit(list string) (parts []string) {
	depth, from := 0, 0
	for i, c := range list {
		switch c {
		case '(', '<', '[':
			depth++
		case ')', '>', ']':
			depth--
		case ',':
			if depth == 0 {
				parts, from = append(parts, strings.TrimSpace(list[from:i])), i+1
			}
		}
	}
	return append(parts, strings.TrimSpace(list[from:]))
}
