package query

import (
	"testing"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
)

func TestQ0(t *testing.T) {
	check(t, q00, func(all []arrival) (rows []auction.Event) {
		for _, a := range all {
			rows = append(rows, a.Event)
		}
		return rows
	})
}
