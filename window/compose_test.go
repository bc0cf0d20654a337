package window_test

import (
	"cmp"
	"math/big"
	"testing"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

func list[A, B any](a A, b B) []any { return []any{a, b} }

// Compositions nest: each layer has to hand positions and Sub through.
func TestLawsOfNestedCompositions(t *testing.T) {
	values := []int{3, 1, 4, 1, -5, 9, 2, 6, 0}
	wrap := func(r []any) []any { return []any{r} }
	ends := window.Both(window.First[int](), window.Where(divisibleByTwo, window.Last[int]()), list)
	deep := window.Both(window.Count[int](), window.Both(ends, window.Top(2, cmp.Compare[int]), list), list)
	windowtest.Laws(t, deep, values, nil)
	windowtest.Laws(t, window.Where(divisibleByTwo, deep), values, nil)
	windowtest.Laws(t, window.Then(window.Where(divisibleByTwo, deep), wrap), values, nil)

	exact := window.Both(window.Where(divisibleByTwo, window.Sum(asIs[int])), window.Both(window.Count[int](), window.Sum(asIs[int]), list), list)
	windowtest.Laws(t, window.Then(window.Where(divisibleByTwo, exact), wrap), values, nil)
}

func TestLawsOfOf(t *testing.T) {
	product := window.Of(func() *big.Int { return big.NewInt(1) },
		func(acc *big.Int, v int64) *big.Int { return acc.Mul(acc, big.NewInt(v)) },
		func(a, b *big.Int) *big.Int { return a.Mul(a, b) },
		(*big.Int).String)
	windowtest.Laws(t, product, []int64{2, -3, 5, 7, 1 << 40}, nil)
}
