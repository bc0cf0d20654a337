package parquetsource

import (
	"fmt"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/exp/constraints"
)

// A Comparable is what a column can be compared with.
type Comparable interface {
	constraints.Integer | constraints.Float | ~string | time.Time
}

// Between has row groups passed over in which no value v of a column has lo ≤ v < hi, as their statistics
// tell. It reads less, and is no filter: a row group that is read is given whole, so that a Filter has to follow. A row
// group without statistics of the column is read. Nulls are between nothing.
//
// The column need not be one that T names; it is "created", or "buyer.city" in a group. It has to hold what can be compared: integers with
// integers, numbers with floats, decimals with their unscaled integer, text with strings, TIMESTAMP and DATE with times. Anything else is an error when the run
// begins, which names the file, the column and both types. INT96 has no statistics that count.
//
// Several conditions have to hold all together. A run that goes on may be given others: they hold for what it has still to read.
// Between panics if column is "".
func Between[V Comparable](column string, lo, hi V) Option {
	return conditionOf("Between", column, new(valueOf(lo)), new(valueOf(hi)))
}

// AtLeast is [Between] with no upper end: lo ≤ v.
func AtLeast[V Comparable](column string, lo V) Option {
	return conditionOf("AtLeast", column, new(valueOf(lo)), nil)
}

// Before is [Between] with no lower end: v < hi.
func Before[V Comparable](column string, hi V) Option {
	return conditionOf("Before", column, nil, new(valueOf(hi)))
}

// Equal has row groups passed over in which no value of a column is v, as their statistics tell, or their Bloom filter, if they have
// one. All else is as with [Between].
func Equal[V Comparable](column string, v V) Option {
	at := valueOf(v)
	return conditionOf("Equal", column, &at, &at)
}

// A condition is one that row groups have to hold to be read.
type condition struct {
	call   string // "Between"
	column string
	lo, hi *value // nil for any; one and the same for Equal
}

func conditionOf(call, column string, lo, hi *value) Option {
	if column == "" {
		panic(fmt.Sprintf("parquetsource: %s: the column is \"\"", call))
	}
	return func(c *config) { c.conditions = append(c.conditions, condition{call, column, lo, hi}) }
}

// A checker knows whether row groups of a file can hold what is looked for.
type checker struct {
	condition
	file *parquet.File
	leaf parquet.LeafColumn
	kind kind // of the column's values
}

// checkers returns those of the conditions, or the error that one does not fit the file.
func (s *config) checkers(file *parquet.File) (all []checker, err error) {
	for _, c := range s.conditions {
		leaf, ok := file.Schema().Lookup(strings.Split(c.column, ".")...)
		if !ok {
			return nil, &typeError{fmt.Sprintf("there is no column %q, which %s names", c.column, c.call)}
		}
		k := kindOf(leaf.Node.Type())
		for _, v := range []*value{c.lo, c.hi} {
			if v != nil && v.kind != k && !(v.kind == kindInteger && k == kindFloat) {
				return nil, &typeError{fmt.Sprintf("column %q is %s in the file, and %s compares it with %s", c.column, leaf.Node.Type(), c.call, v)}
			}
		}
		all = append(all, checker{c, file, leaf, k})
	}
	return all, nil
}

// mayHold reports whether a row group can have rows that are looked for.
func (c *checker) mayHold(group int) bool {
	meta := &c.file.Metadata().RowGroups[group].Columns[c.leaf.ColumnIndex].MetaData
	if meta.NumValues > 0 && meta.Statistics.NullCount == meta.NumValues && c.leaf.MaxRepetitionLevel == 0 {
		return false
	}
	least, ok1 := decodeValue(meta.Statistics.MinValue, c.leaf.Node.Type())
	most, ok2 := decodeValue(meta.Statistics.MaxValue, c.leaf.Node.Type())
	equal := c.lo == c.hi
	if ok2 && c.lo != nil && most.compare(*c.lo) < 0 {
		return false
	}
	if ok1 && c.hi != nil {
		if order := least.compare(*c.hi); order > 0 || order == 0 && !equal {
			return false
		}
	}
	if !equal || meta.BloomFilterOffset == 0 {
		return true
	}
	return c.mayHoldHash(group)
}

// mayHoldHash asks the Bloom filter. One that cannot be read excludes nothing.
func (c *checker) mayHoldHash(group int) (may bool) {
	var err error
	defer func() { may = may || err != nil }()
	defer catch(&err)
	v, ok := c.lo.physical(c.leaf.Node.Type())
	filter := c.file.RowGroups()[group].ColumnChunks()[c.leaf.ColumnIndex].BloomFilter()
	if !ok || filter == nil {
		return true
	}
	may, err = filter.Check(v)
	return may
}
