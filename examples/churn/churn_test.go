package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
)

func TestRetailTable(t *testing.T) {
	s, err := readRetail(t.Context(), exampletest.Shared(t, "online_retail.csv.gz"))
	require.NoError(t, err)
	require.Len(t, s.orders, 18_532)
	table := s.snapshot()
	require.Equal(t, 3_317, table.Len())
	again := 0.0
	for _, y := range table.Y {
		again += y
	}
	require.Equal(t, 1_864.0, again)
}

func TestMade(t *testing.T) {
	s := newShop(1, 4000)
	table := s.snapshot()
	again := 0.0
	for _, y := range table.Y {
		again += y
	}
	fmt.Println(len(s.orders), table.Len(), again, s.orders[0].At, s.last())
	h := map[int]int{}
	n := map[int]int{}
	for _, o := range s.orders {
		h[o.Customer]++
	}
	for _, c := range h {
		n[min(c, 20)]++
	}
	fmt.Println(n)
}
