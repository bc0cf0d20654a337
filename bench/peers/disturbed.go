package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// busy returns the processor time that everything on the machine has used, in
// seconds, as Linux counts it. Elsewhere it is not known.
func busy() (seconds float64, known bool) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, false
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	fields := bytes.Fields(line) // cpu user nice system idle iowait irq softirq steal guest, in hundredths
	for i, f := range fields {
		if i == 0 || i == 4 || i == 5 || i > 8 {
			continue
		}
		n, err := strconv.ParseFloat(string(f), 64)
		if err != nil {
			return 0, false
		}
		seconds += n / 100
	}
	return seconds, len(fields) > 8
}

// others returns how many cores other processes had while a run used so much,
// and what the host took away.
func (r run) others(before float64, known bool) float64 {
	after, ok := busy()
	if !ok || !known || r.Wall == 0 {
		return 0
	}
	return max(0, (after-before-r.CPU)/r.Wall)
}

// disturbed says of which rows the figures are worth little.
func (b *bench) disturbed(wanted []contested) (said []string) {
	const much = 0.15 // of a core; a kernel's own work is below that
	for _, c := range wanted {
		for _, r := range b.rows(c) {
			if r.Others > much {
				said = append(said, fmt.Sprintf("%s: while %s ran on %s, other processes or the host took %.1f cores.", c.Name, r.title(), cores(r.Threads), r.Others))
			}
		}
	}
	return said
}
