// Loop does the contests as a good engineer would by hand. It is run by the
// command peers; package contest says how.
package main

import (
	"fmt"
	"os"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

func main() {
	works := map[string]contest.Work{
		"sum":        sum,
		"minutes":    minutes,
		"keyed":      keyedBy(mapSums),
		"keyed-open": keyedBy(openSums),
	}
	if err := contest.Run(works, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "loop:", err)
		os.Exit(1)
	}
}
