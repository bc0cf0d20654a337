package parquetsource

import (
	"fmt"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"github.com/freshet-go/freshet/internal/intern"
)

// A bytesOf holds byte arrays, of one length or of any.
type bytesOf struct {
	data    []byte
	offsets []uint32 // where each begins, and the last ends; nil if all have length bytes
	length  int
}

func bytesIn(v encoding.Values) bytesOf {
	if v.Kind() == encoding.FixedLenByteArray {
		data, length := v.FixedLenByteArray()
		return bytesOf{data: data, length: length}
	}
	data, offsets := v.ByteArray()
	return bytesOf{data: data, offsets: offsets}
}

func (b *bytesOf) at(i int) []byte {
	if b.offsets == nil {
		return b.data[i*b.length : (i+1)*b.length]
	}
	return b.data[b.offsets[i]:b.offsets[i+1]]
}

// arrays fills fields of what is made of byte arrays. What a dictionary holds is made once, unless it can be changed.
type arrays[G any] struct {
	make   func([]byte) (G, error)
	unlike bool // each has to be made anew

	plain bytesOf
	index []int32 // into dict; nil if the values are plain
	dict  bytesOf
	from  parquet.Dictionary // that dict is of
	made  []G                // of the dictionary
	has   []bool             // which of these
}

func (v *arrays[G]) load(p parquet.Page) {
	d := p.Dictionary()
	if d == nil {
		v.plain, v.index = bytesIn(p.Data()), nil
		return
	}
	if d != v.from {
		v.dict, v.from = bytesIn(d.Page().Data()), d
		v.made, v.has = nil, nil
		if !v.unlike {
			v.made, v.has = make([]G, d.Len()), make([]bool, d.Len())
		}
	}
	data := p.Data()
	v.index = data.Int32()
}

func (v *arrays[G]) fill(dst unsafe.Pointer, stride uintptr, from, n int) (err error) {
	if v.index == nil {
		for i := range n {
			if *(*G)(unsafe.Add(dst, uintptr(i)*stride)), err = v.make(v.plain.at(from + i)); err != nil {
				return err
			}
		}
		return nil
	}
	for i, at := range v.index[from : from+n] {
		to := (*G)(unsafe.Add(dst, uintptr(i)*stride))
		switch {
		case v.unlike:
			*to, err = v.make(v.dict.at(int(at)))
		case v.has[at]:
			*to = v.made[at]
		default:
			v.made[at], err = v.make(v.dict.at(int(at)))
			v.has[at] = err == nil
			*to = v.made[at]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newStrings makes strings. Those that recur without a dictionary are made once, too.
func newStrings() filler {
	field := new(intern.Field)
	return &arrays[string]{make: func(b []byte) (string, error) { return field.String(b), nil }}
}

func newBytes() filler {
	return &arrays[[]byte]{unlike: true, make: func(b []byte) ([]byte, error) { return append(make([]byte, 0, len(b)), b...), nil }}
}

// fixed fills fields that are arrays of bytes.
type fixed struct {
	arrays[[]byte]
	length int
}

func newFixed(length int) filler {
	return &fixed{arrays[[]byte]{unlike: true}, length}
}

func (v *fixed) fill(dst unsafe.Pointer, stride uintptr, from, n int) error {
	for i := range n {
		b := &v.plain
		at := from + i
		if v.index != nil {
			b, at = &v.dict, int(v.index[at])
		}
		copy(unsafe.Slice((*byte)(unsafe.Add(dst, uintptr(i)*stride)), v.length), b.at(at))
	}
	return nil
}

// bigEndian makes a number of the bytes of a decimal: two's complement, the highest byte first.
func bigEndian[G int32 | int64](b []byte) (G, error) {
	var v int64
	if len(b) > 0 && b[0]&0x80 != 0 {
		v = -1
	}
	for _, x := range b {
		if v>>55 != 0 && v>>55 != -1 {
			return 0, fmt.Errorf("the decimal 0x%x does not fit into %d bits: %w", b, unsafe.Sizeof(G(0))*8, parquet.ErrCorrupted)
		}
		v = v<<8 | int64(x)
	}
	if int64(G(v)) != v {
		return 0, fmt.Errorf("the decimal 0x%x does not fit into %d bits: %w", b, unsafe.Sizeof(G(0))*8, parquet.ErrCorrupted)
	}
	return G(v), nil
}
