package fluentsource

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

func TestTypesThatCannotBe(t *testing.T) {
	type (
		none   struct{ A string }
		hidden struct {
			a string `fluent:"a"`
		} //nolint
		channel struct {
			A chan int `fluent:"a"`
		}
		twice struct {
			A string `fluent:"a"`
			B string `fluent:"a"`
		}
		part struct {
			A any    `fluent:"a"`
			B string `fluent:"a.b"`
		}
		tag struct {
			T int `fluent:"@tag"`
		}
		at struct {
			T int64 `fluent:"@time"`
		}
		rest struct {
			T map[string]string `fluent:"@rest"`
		}
		deep struct {
			I struct {
				T string `fluent:"@tag"`
			} `fluent:"i"`
		}
		keys struct {
			M map[int]string `fluent:"m"`
		}
		unit struct {
			D time.Duration `fluent:"d" unit:"h"`
		}
		layout struct {
			D string `fluent:"d" layout:"2006"`
		}
		pointers struct {
			P **int `fluent:"p"`
		}
		dots struct {
			P int `fluent:"a..b"`
		}
		hollow struct {
			P struct{ X int } `fluent:"p"`
		}
		iface struct {
			P fmt.Stringer `fluent:"p"`
		}
	)
	type path struct {
		P int `fluent:"@tag.x"`
	}
	type pathRest struct {
		P int `fluent:"x.@rest"`
	}
	_ = hidden{}.a
	for says, f := range map[string]func(){
		"int is not a struct":                     func() { Listen[int](pushsource.Server{}) },
		"has no field with a tag fluent":          func() { Listen[none](pushsource.Server{}) },
		"field a has a tag fluent but is not":     func() { Listen[hidden](pushsource.Server{}) },
		"field A: no value of a record fits chan": func() { Listen[channel](pushsource.Server{}) },
		`the fields A and B both want "a"`:        func() { Listen[twice](pushsource.Server{}) },
		`fields A and B both want "a"`:            func() { Listen[part](pushsource.Server{}) },
		"field T: @tag is for a string":           func() { Listen[tag](pushsource.Server{}) },
		"field T: @time is for a time.Time":       func() { Listen[at](pushsource.Server{}) },
		"field T: @rest is for a map[string]any":  func() { Listen[rest](pushsource.Server{}) },
		"field I.T: @tag belongs to an event":     func() { Listen[deep](pushsource.Server{}) },
		"field M: the keys of a record":           func() { Listen[keys](pushsource.Server{}) },
		`field D: want unit:"s"`:                  func() { Listen[unit](pushsource.Server{}) },
		"field D: a layout is for a time.Time":    func() { Listen[layout](pushsource.Server{}) },
		"field P: no value of a record fits **":   func() { Listen[pointers](pushsource.Server{}) },
		`the tag fluent:"@tag.x" has a special`:   func() { Listen[path](pushsource.Server{}) },
		`the tag fluent:"x.@rest" has a special`:  func() { Listen[pathRest](pushsource.Server{}) },
		"has an empty key":                        func() { Listen[dots](pushsource.Server{}) },
		"field P: struct { X int } has no field":  func() { Listen[hollow](pushsource.Server{}) },
		"no value of a record fits fmt.Stringer":  func() { Listen[iface](pushsource.Server{}) },
	} {
		t.Run(says, func(t *testing.T) {
			defer func() {
				r := recover()
				require.NotNil(t, r)
				assert.Contains(t, r, "fluentsource: Listen[")
				assert.Contains(t, r, says)
			}()
			f()
		})
	}
}

// TestRestInside has maps keep what is left of themselves.
func TestRestInside(t *testing.T) {
	type outer struct {
		In struct {
			A    int            `fluent:"a"`
			Rest map[string]any `fluent:"@rest"`
		} `fluent:"in"`
		B    int            `fluent:"in.b"`
		Deep int            `fluent:"x.y.z"`
		Rest map[string]any `fluent:"@rest"`
	}
	var want outer
	want.In.A, want.B, want.Deep = 1, 2, 3
	want.In.Rest = map[string]any{"c": int64(4)}
	want.Rest = map[string]any{"d": int64(5), "x": map[string]any{"y": map[string]any{"e": int64(6)}}}
	got := one[outer](t, pack(list{"t", 1, object{"in", object{"a", 1, "b", 2, "c", 4}, "d", 5, "x", object{"y", object{"z", 3, "e", 6}}}}))
	assert.Equal(t, []outer{want}, got.Values)
}
