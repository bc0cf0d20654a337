package table

import "unsafe"

// Settle moves all to a Table that is empty, and to the counts of its entries where
// they are counted. Places stay. The table has keys and values that are integers of 64 bits,
// and comes without its type, or each package with such integers would have a copy of
// the code of Table for numbers.
func (s *Sums) Settle(table unsafe.Pointer, counts *[]int64) {
	t := (*Table[uint64, uint64])(table)
	for n, at := range s.order {
		hash, key, sum := s.At(n)
		v, _ := t.At(hash, *key)
		*v = *sum
		if s.counts != nil {
			*counts = append(*counts, int64(s.counts[at]))
		}
	}
	s.Reset()
}

// Unsettle moves all back from a table, on the terms of Settle.
func (s *Sums) Unsettle(table unsafe.Pointer, counts *[]int64) {
	t := (*Table[uint64, uint64])(table)
	for n, e := range t.entries {
		count := int64(0)
		if n < len(*counts) {
			count = (*counts)[n]
		}
		s.Add(t.x.hashes[n], e.Key, e.Val, count)
	}
	t.Reset()
	*counts = (*counts)[:0]
}
