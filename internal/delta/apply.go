package delta

import (
	"bytes"
	"encoding/binary"
)

// Patches are applied.

// Apply appends to b what a patch makes of old. It is an error if patch was
// not made for bytes as long as these, and sometimes if it was made for others.
// Whatever the patch is, no more bytes come out than there are in it and twice in
// old.
func Apply(b, old, patch []byte) ([]byte, error) {
	err := each(old, patch, func(size int) {
		if cap(b)-len(b) < size {
			b = append(make([]byte, 0, len(b)+size), b...)
		}
	}, func(part []byte) { b = append(b, part...) })
	if err != nil {
		return nil, err
	}
	return b, nil
}

// makes reports whether a patch makes now of old. It writes nothing.
func makes(old, patch, now []byte) bool {
	at, right := 0, false
	err := each(old, patch, func(size int) { right = size == len(now) }, func(part []byte) {
		right = right && bytes.HasPrefix(now[at:], part)
		at += len(part)
	})
	return right && err == nil
}

// each calls f with the parts of what a patch makes of old, in their order, once begin
// has heard how many bytes they have together.
func each(old, patch []byte, begin func(size int), f func(part []byte)) error {
	r := reader{patch}
	size, ok := r.uvarint(bound(old, patch))
	if !ok {
		return errPatch
	}
	begin(size)
	for due, left := 0, size; left > 0; {
		n, ok := r.uvarint(min(left, len(r.b)))
		if !ok || n > len(r.b) {
			return errPatch
		}
		f(r.b[:n])
		r.b = r.b[n:]
		if left -= n; left == 0 {
			break
		}
		skip, ok := r.varint()
		if !ok || skip < -int64(due+n) || skip > int64(len(old)-due-n) {
			return errPatch
		}
		due += n + int(skip)
		if n, ok = r.uvarint(min(left, len(old)-due)); !ok || n == 0 {
			return errPatch
		}
		f(old[due : due+n])
		due, left = due+n, left-n
	}
	if len(r.b) > 0 {
		return errPatch
	}
	return nil
}

// An Applier applies patches in turn. It keeps memory from one time to the
// next. The zero Applier is ready for use, by one goroutine at a time.
type Applier struct{ to, from []byte }

// chainBound is how many bytes the patches may make of old.
func chainBound(old []byte, patches [][]byte) int {
	n := len(old)
	for _, p := range patches {
		n += len(p)
	}
	return growth * n
}

// Apply returns what the patches make of old: the first one of old, each other
// one of what the one before has made. The result is valid until the next call.
// Without patches it is old. It is an error if there were ever more than 16 times
// as many bytes as there are in old and the patches.
func (a *Applier) Apply(old []byte, patches ...[]byte) (b []byte, err error) {
	b = old
	most := chainBound(old, patches)
	for _, p := range patches {
		if size, n := binary.Uvarint(p); n <= 0 || size > uint64(most) {
			return nil, errPatch
		}
		if b, err = Apply(a.to[:0], b, p); err != nil {
			return nil, err
		}
		a.to, a.from = a.from, b
	}
	return b, nil
}

// A reader takes numbers off a patch.
type reader struct{ b []byte }

// uvarint returns a number that is at most limit.
func (r *reader) uvarint(limit int) (int, bool) {
	u, n := binary.Uvarint(r.b)
	if n <= 0 || u > uint64(limit) {
		return 0, false
	}
	r.b = r.b[n:]
	return int(u), true
}

func (r *reader) varint() (int64, bool) {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		return 0, false
	}
	r.b = r.b[n:]
	return v, true
}
