package sqlsource

import (
	"context"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// bounds returns the keys at which the ranges of a table end, but for the last, which has no end.
func (s *tableSource[T]) bounds(ctx context.Context) ([][]string, error) {
	first, last := new(page[T]), new(page[T])
	if err := s.query(ctx, first, span{}, 1, false); err != nil || len(first.rows) == 0 {
		return nil, err
	}
	if err := s.query(ctx, last, span{down: true}, 1, false); err != nil || len(last.rows) == 0 {
		return nil, err
	}
	low, high := s.texts(&first.rows[0]), s.texts(&last.rows[0])
	if len(s.keys) == 1 {
		switch kind := s.keys[0].Type.Kind(); {
		case kind >= reflect.Int && kind <= reflect.Int64:
			a, _ := strconv.ParseInt(low[0], 10, 64)
			b, _ := strconv.ParseInt(high[0], 10, 64)
			return evenly(uint64(a), uint64(b)-uint64(a), s.ranges, func(n uint64) string { return strconv.FormatInt(int64(n), 10) }), nil
		case kind >= reflect.Uint && kind <= reflect.Uint64:
			a, _ := strconv.ParseUint(low[0], 10, 64)
			b, _ := strconv.ParseUint(high[0], 10, 64)
			return evenly(a, b-a, s.ranges, func(n uint64) string { return strconv.FormatUint(n, 10) }), nil
		}
	}
	return s.sampled(ctx)
}

// evenly returns the ends of ranges of a range that has so many numbers behind its first.
func evenly(first, behind uint64, ranges int, text func(uint64) string) (bounds [][]string) {
	count := uint64(ranges)
	if behind < math.MaxUint64 {
		count = min(count, behind+1) // one number each at least
	}
	for i := uint64(1); i < count; i++ {
		hi, lo := bits.Mul64(behind, i)
		step, _ := bits.Div64(hi, lo, count)
		bounds = append(bounds, []string{text(first + step)})
	}
	return bounds
}

// sampled returns keys that have as many rows between them.
func (s *tableSource[T]) sampled(ctx context.Context) (bounds [][]string, err error) {
	var rows int64
	count := "SELECT COUNT(*) FROM " + s.dialect.Table(s.table)
	if s.where != "" {
		count += " WHERE (" + s.where + ")"
	}
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := s.db.QueryRowContext(ctx, count, s.args...).Scan(&rows); err != nil {
		return nil, err
	}
	for i := range min(int64(s.ranges), rows) - 1 {
		p := new(page[T])
		at := int64(float64(rows) * float64(i+1) / float64(min(int64(s.ranges), rows)))
		if err := s.query(ctx, p, span{offset: max(at-1, 0)}, 1, false); err != nil {
			return nil, err
		}
		if len(p.rows) > 0 {
			bounds = append(bounds, s.texts(&p.rows[0]))
		}
	}
	return slices.CompactFunc(bounds, slices.Equal), nil
}
