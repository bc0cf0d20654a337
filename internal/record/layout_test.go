package record_test

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/record"
	"github.com/freshet-go/freshet/stream/codec"
)

// What the library keeps a value in is not named where the value cannot be encoded.
func TestErrorsNameTheTypesOfUsers(t *testing.T) {
	_, err := codec.Binary[panes.Kept[string, silent]]().NewEncoder().Append(nil, panes.Kept[string, silent]{Acc: silent{1}})
	require.EqualError(t, err, "codec: record_test.silent: it says nothing")
	_, err = codec.Binary[struct{ S silent }]().NewEncoder().Append(nil, struct{ S silent }{silent{1}})
	require.EqualError(t, err, "codec: struct { S record_test.silent }.S: it says nothing")
}

type silent struct{ N int }

func (silent) AppendBinary(b []byte) ([]byte, error) { return b, errors.New("it says nothing") }
func (*silent) UnmarshalBinary([]byte) error         { return nil }

type linked struct {
	Name string
	Next *linked
}

func layoutOf[T any](t *testing.T) string {
	l, err := record.Layout(reflect.TypeFor[T]())
	require.NoError(t, err)
	return l
}

func TestLayout(t *testing.T) {
	type named string
	type tagged struct {
		A      int               `binary:"1"`
		B      map[string][]int8 `binary:"2"`
		hidden named
		Left   func() `binary:"-"`
	}
	_ = tagged{hidden: "it is stored too"}
	require.Equal(t, "{1 int64, 2 map[string][]int8, hidden string}", layoutOf[tagged](t))
	require.Equal(t, "{Name string, Next *recursive}", layoutOf[linked](t))
	require.Equal(t, "{At time, From binary}", layoutOf[struct {
		At   time.Time
		From netip.Addr
	}](t))
	_, err := record.Layout(reflect.TypeFor[struct{ C chan int }]())
	require.ErrorContains(t, err, ".C: no way to store a chan int")
}

// What Reads says of two types is what Binary does with a value of one that
// is read as the other.
func TestReads(t *testing.T) {
	reads[int32, int64](t, true)
	reads[int64, uint64](t, false)
	reads[int64, string](t, false)
	reads[string, []byte](t, false)
	reads[[]byte, []int8](t, false)
	reads[[3]int, []int](t, true)
	reads[[]int, []string](t, false)
	reads[map[string]int, map[string]int8](t, true)
	reads[map[string]int, map[int]int](t, false)
	reads[float32, float64](t, false)
	reads[*int, *int8](t, true)
	reads[struct{ A, B int }, struct{ B, C int }](t, true)
	reads[struct{ A, B int }, struct{ B string }](t, false)
	reads[struct{ A struct{ X []int } }, struct{ A struct{ X []int8 } }](t, true)
	reads[struct{ A map[[2]int]struct{ X, Y int } }, struct{ A map[[2]int]struct{ Y int } }](t, true)
	reads[struct{ A int }, int](t, false)

	// No field is left: what is read is a zero value.
	require.EqualError(t, record.Reads(layoutOf[struct{ B int }](t), layoutOf[struct{ A int }](t)), "no field is left of it")
	require.NoError(t, record.Reads(layoutOf[struct{}](t), layoutOf[struct{ A int }](t)))
	require.EqualError(t, record.Reads(layoutOf[struct{ A []string }](t), layoutOf[struct{ A []int }](t)), "A: int64 is not read as string")
}

func reads[From, To any](t *testing.T, want bool) {
	t.Helper()
	var from From
	fill(reflect.ValueOf(&from).Elem())
	b, err := codec.Binary[From]().NewEncoder().Append(nil, from)
	require.NoError(t, err)
	dec := codec.Binary[To]().NewDecoder()
	_, stored, err := dec.Split(b, true)
	require.NoError(t, err)
	var to To
	is := dec.Decode(stored, &to) == nil
	what := fmt.Sprintf("%T as %T", from, to)
	if said := record.Reads(layoutOf[To](t), layoutOf[From](t)) == nil; said != want || want && !is {
		t.Errorf("%s: Reads says %v, Binary %v, want %v", what, said, is, want)
	}
}

// fill makes no part of v zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32:
		v.SetFloat(7)
	case reflect.String:
		v.SetString("seven")
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		k, x := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k)
		fill(x)
		v.SetMapIndex(k, x)
	}
}
