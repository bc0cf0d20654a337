package parquetsource

import (
	"reflect"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"
)

// A filler puts values of a page into fields, each stride bytes behind the one before.
type filler interface {
	// load takes the values of a page that are not null.
	load(p parquet.Page)
	// fill puts in n of them, from one on. Dst is the first field.
	fill(dst unsafe.Pointer, stride uintptr, from, n int) error
}

// values are those of a page, of which each may stand in a dictionary.
type values[F any] struct {
	of    func(*encoding.Values) []F
	plain []F
	index []int32 // into dict; nil if the values are plain
	dict  []F
	from  parquet.Dictionary // that dict is of
}

func (v *values[F]) load(p parquet.Page) {
	data := p.Data()
	d := p.Dictionary()
	if d == nil {
		v.plain, v.index = v.of(&data), nil
		return
	}
	if d != v.from {
		all := d.Page().Data()
		v.dict, v.from = v.of(&all), d
	}
	v.index = data.Int32()
}

type integer interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type number interface{ integer | ~float32 | ~float64 }

// numbers fills fields of numbers.
type numbers[F, G number] struct{ values[F] }

func (v *numbers[F, G]) fill(dst unsafe.Pointer, stride uintptr, from, n int) error {
	if v.index == nil {
		for i, x := range v.plain[from : from+n] {
			*(*G)(unsafe.Add(dst, uintptr(i)*stride)) = G(x)
		}
		return nil
	}
	for i, at := range v.index[from : from+n] {
		*(*G)(unsafe.Add(dst, uintptr(i)*stride)) = G(v.dict[at])
	}
	return nil
}

// others fills fields of what has to be made of numbers, such as times.
type others[F, G any] struct {
	values[F]
	make func(F) G
}

func (v *others[F, G]) fill(dst unsafe.Pointer, stride uintptr, from, n int) error {
	if v.index == nil {
		for i, x := range v.plain[from : from+n] {
			*(*G)(unsafe.Add(dst, uintptr(i)*stride)) = v.make(x)
		}
		return nil
	}
	for i, at := range v.index[from : from+n] {
		*(*G)(unsafe.Add(dst, uintptr(i)*stride)) = v.make(v.dict[at])
	}
	return nil
}

// bools fills fields of bools, which are bits in a page.
type bools struct {
	bits  []byte
	index []int32 // into bits, where these are of a dictionary; nil if they are plain
}

func (v *bools) load(p parquet.Page) {
	data := p.Data()
	if d := p.Dictionary(); d != nil {
		all := d.Page().Data()
		v.bits, v.index = all.Boolean(), data.Int32()
		return
	}
	v.bits, v.index = data.Boolean(), nil
}

func (v *bools) fill(dst unsafe.Pointer, stride uintptr, from, n int) error {
	for i := range n {
		at := from + i
		if v.index != nil {
			at = int(v.index[at])
		}
		*(*bool)(unsafe.Add(dst, uintptr(i)*stride)) = v.bits[at>>3]>>(at&7)&1 != 0
	}
	return nil
}

// pointers fills fields that are pointers. Each value is made by itself: one that is kept would keep all that were made with it.
type pointers struct {
	filler
	elem reflect.Type
}

func (v *pointers) fill(dst unsafe.Pointer, stride uintptr, from, n int) error {
	for i := range n {
		p := reflect.New(v.elem).UnsafePointer()
		if err := v.filler.fill(p, 0, from+i, 1); err != nil {
			return err
		}
		*(*unsafe.Pointer)(unsafe.Add(dst, uintptr(i)*stride)) = p
	}
	return nil
}
