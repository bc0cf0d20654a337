package record

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"reflect"
	"slices"
	"unsafe"
)

// A mapEntry says where in a writer's bytes an entry stands.
type mapEntry struct {
	head            uint64 // the key's first bytes, which mostly decide
	key, value, end int
}

// head returns the first eight bytes as a number that is in their order. Behind
// the last byte it has zeros.
func head(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	h := uint64(0)
	for _, c := range b {
		h = h<<8 | uint64(c)
	}
	return h << (8 * (8 - len(b)))
}

func mapPlan(t reflect.Type, key, value *Plan) Plan {
	entrySize := t.Key().Size() + t.Elem().Size()
	return Plan{
		wire: wireOther,
		zero: isNil,
		write: func(w *writer, p unsafe.Pointer) error {
			m := reflect.NewAt(t, p).Elem()
			if m.IsNil() {
				w.b = append(w.b, 0)
				return nil
			}
			if err := w.enter(); err != nil {
				return err
			}
			w.b = binary.AppendUvarint(w.b, uint64(m.Len())+1)
			first := len(w.entries)
			if m.Len() > 0 {
				k, v := reflect.New(t.Key()), reflect.New(t.Elem())
				for each := m.MapRange(); each.Next(); {
					k.Elem().SetIterKey(each)
					v.Elem().SetIterValue(each)
					e := mapEntry{key: len(w.b)}
					if err := key.write(w, k.UnsafePointer()); err != nil {
						return err
					}
					e.value, e.head = len(w.b), head(w.b[e.key:])
					if err := value.write(w, v.UnsafePointer()); err != nil {
						return err
					}
					e.end = len(w.b)
					w.entries = append(w.entries, e)
				}
			}
			w.sortEntries(first)
			w.entries = w.entries[:first]
			w.depth--
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			n, isNil, err := r.count(2)
			if isNil || err != nil {
				return err
			}
			if err := r.enter(); err != nil {
				return err
			}
			m := reflect.MakeMapWithSize(t, affordable(n, entrySize))
			k, v := reflect.New(t.Key()), reflect.New(t.Elem())
			for range n {
				k.Elem().SetZero()
				v.Elem().SetZero()
				if err := key.read(r, k.UnsafePointer()); err != nil {
					return err
				}
				if err := value.read(r, v.UnsafePointer()); err != nil {
					return err
				}
				m.SetMapIndex(k.Elem(), v.Elem())
			}
			reflect.NewAt(t, p).Elem().Set(m)
			r.depth--
			return nil
		},
	}
}

// sortEntries puts the entries from the first on in the order of their keys'
// bytes. Only keys that are NaN can have the same; their values' bytes decide.
func (w *writer) sortEntries(first int) {
	entries := w.entries[first:]
	if len(entries) < 2 {
		return
	}
	start := entries[0].key
	slices.SortFunc(entries, func(a, b mapEntry) int {
		if c := cmp.Compare(a.head, b.head); c != 0 {
			return c
		}
		if c := bytes.Compare(w.b[a.key:a.value], w.b[b.key:b.value]); c != 0 {
			return c
		}
		return bytes.Compare(w.b[a.value:a.end], w.b[b.value:b.end])
	})
	w.scratch = w.scratch[:0]
	for _, e := range entries {
		w.scratch = append(w.scratch, w.b[e.key:e.end]...)
	}
	copy(w.b[start:], w.scratch)
}
