package main

import (
	"bufio"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

var errBooks = errors.New("the alerts are not those of the generator's books")

// Books are alerts: for each what is noticed, and by which payments.
type books map[string]Alert

func (b books) note(rule, who string, payments ...Payment) {
	a := Alert{rule, who, payments}
	b[a.line()] = a
}

// line is all of an alert by which two are the same.
func (a Alert) line() string {
	ids := make([]int64, len(a.Payments))
	for i, p := range a.Payments {
		ids[i] = p.ID
	}
	return fmt.Sprintf("%s: %s by payments %d", a.Rule, a.Who, ids)
}

// check compares alerts with the books: each has to be there once, and none else.
func (b books) check(w io.Writer, alerts []Alert) error {
	found, wrong := map[string]int{}, 0
	for _, a := range alerts {
		line := a.line()
		if found[line]++; found[line] > 1 {
			wrong += b.differ(w, "twice", line)
		} else if _, booked := b[line]; !booked {
			wrong += b.differ(w, "not in the books", line)
		}
	}
	right := map[string]int{}
	for _, line := range slices.Sorted(maps.Keys(b)) {
		if found[line] == 0 {
			wrong += b.differ(w, "missing", line)
			continue
		}
		right[b[line].Rule]++
	}
	for _, rule := range slices.Sorted(maps.Keys(right)) {
		fmt.Fprintf(w, "  ok      %4d × %s\n", right[rule], rule)
	}
	if wrong > 0 {
		return errBooks
	}
	return nil
}

func (b books) differ(w io.Writer, how, line string) int {
	fmt.Fprintf(w, "  DIFFER  %s: %s\n", how, line)
	return 1
}

// alertsOf reads the alerts that a service has written.
func alertsOf(dir string) (all []Alert, err error) {
	names, err := filepath.Glob(filepath.Join(alertsIn(dir), "alerts-*.jsonl"))
	for _, name := range names {
		if all, err = appendAlerts(all, name); err != nil {
			return nil, err
		}
	}
	return all, err
}

func appendAlerts(all []Alert, name string) ([]Alert, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var a Alert
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, lines.Err()
}
