package codec

import (
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/intern"
)

// The cells of the basic kinds. A named type has the memory of its kind, so
// a pointer to one may be used as a pointer to the other.

// basicCell is the cell of a type T whose parser has no memory.
func basicCell[T comparable](kind string, parse func(cell []byte) (T, error), add func(dst []byte, v T) []byte) cellType {
	set := func(p unsafe.Pointer, b []byte) error {
		v, err := parse(b)
		if err != nil {
			return err
		}
		*(*T)(p) = v
		return nil
	}
	return cellType{
		kind:     kind,
		newParse: func() parseFunc { return set },
		append:   func(dst []byte, p unsafe.Pointer) ([]byte, error) { return add(dst, *(*T)(p)), nil },
		isZero:   isZero[T],
	}
}

func isZero[T comparable](p unsafe.Pointer) bool {
	var zero T
	return *(*T)(p) == zero
}

func stringCell() cellType {
	return cellType{
		kind: "a string",
		newParse: func() parseFunc {
			seen := new(intern.Field)
			return func(p unsafe.Pointer, b []byte) error {
				*(*string)(p) = seen.String(b)
				return nil
			}
		},
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) { return append(dst, *(*string)(p)...), nil },
		isZero: isZero[string],
	}
}

// directCell is basicCell with the parser and the setting in one, which spares a call: for kinds that most cells are.
func directCell[T comparable](kind string, set parseFunc, add func(dst []byte, v T) []byte) cellType {
	return cellType{
		kind:     kind,
		newParse: func() parseFunc { return set },
		append:   func(dst []byte, p unsafe.Pointer) ([]byte, error) { return add(dst, *(*T)(p)), nil },
		isZero:   isZero[T],
	}
}

func boolCell() cellType {
	return basicCell("a bool", func(b []byte) (bool, error) {
		v, err := strconv.ParseBool(string(b))
		return v, cause(err)
	}, strconv.AppendBool)
}

func durationCell() cellType {
	return basicCell("a duration", func(b []byte) (time.Duration, error) {
		v, err := time.ParseDuration(string(b))
		if err != nil {
			return 0, strconv.ErrSyntax
		}
		return v, nil
	}, func(dst []byte, v time.Duration) []byte { return append(dst, v.String()...) })
}

func intCell[I int | int8 | int16 | int32 | int64](kind string) cellType {
	return directCell(kind, func(p unsafe.Pointer, b []byte) error {
		if n, ok := decimal(b); ok && uint64(I(n)) == n {
			*(*I)(p) = I(n)
			return nil
		}
		n, err := parseInt(b)
		if err == nil && int64(I(n)) != n {
			err = strconv.ErrRange
		}
		if err == nil {
			*(*I)(p) = I(n)
		}
		return err
	}, func(dst []byte, v I) []byte { return strconv.AppendInt(dst, int64(v), 10) })
}

func uintCell[U uint | uint8 | uint16 | uint32 | uint64](kind string) cellType {
	return basicCell(kind, func(b []byte) (U, error) {
		n, err := parseUint(b)
		if err == nil && uint64(U(n)) != n {
			err = strconv.ErrRange
		}
		return U(n), err
	}, func(dst []byte, v U) []byte { return strconv.AppendUint(dst, uint64(v), 10) })
}

func floatCell[F float32 | float64](kind string, bits int) cellType {
	return directCell(kind, func(p unsafe.Pointer, b []byte) error {
		if bits == 64 {
			if v, ok := decimalFloat(b); ok {
				*(*F)(p) = F(v)
				return nil
			}
		}
		v, err := strconv.ParseFloat(string(b), bits)
		if err == nil {
			*(*F)(p) = F(v)
		}
		return cause(err)
	}, func(dst []byte, v F) []byte {
		// Plain digits up to where nobody would write them by hand.
		format := byte('f')
		if a := math.Abs(float64(v)); a != 0 && (a < 1e-6 || a >= 1e21) {
			format = 'e'
		}
		return strconv.AppendFloat(dst, float64(v), format, -1, bits)
	})
}

// safeDigits is how many decimal digits no 64-bit integer overflows at.
const safeDigits = 18

func parseInt(b []byte) (int64, error) {
	digits := b
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		digits = b[1:]
	}
	if len(digits) > safeDigits {
		n, err := strconv.ParseInt(string(b), 10, 64)
		return n, cause(err)
	}
	n, err := parseUint(digits)
	if len(b) > len(digits) && b[0] == '-' {
		return -int64(n), err
	}
	return int64(n), err
}

func parseUint(b []byte) (uint64, error) {
	if n, ok := decimal(b); ok {
		return n, nil
	}
	if len(b) == 0 {
		return 0, strconv.ErrSyntax
	}
	if len(b) > safeDigits {
		n, err := strconv.ParseUint(string(b), 10, 64)
		return n, cause(err)
	}
	var n uint64
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, strconv.ErrSyntax
		}
		n = n*10 + uint64(c)
	}
	return n, nil
}

// cause strips what strconv says about its own function and the value.
func cause(err error) error {
	if e, ok := err.(*strconv.NumError); ok {
		return e.Err
	}
	return err
}
