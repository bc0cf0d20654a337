// Freshet does the contests as one would by the README. It is run by the command
// peers; package contest says how.
package main

import (
	"fmt"
	"os"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

func main() {
	works := map[string]contest.Work{
		"sum":      sum,
		"sum-full": sumOfWhole,
		"minutes":  minutes,
		"keyed":    keyed,
	}
	if err := contest.Run(works, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "freshet:", err)
		os.Exit(1)
	}
}
