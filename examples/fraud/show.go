package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// show has services live through a day, one after the other, and checks what they have found.
func show(ctx context.Context, w io.Writer, d *day) error {
	dir, err := os.MkdirTemp("", "fraud-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := log(dir, nil); err != nil { // both gateways have a log from the start: the watermark waits for both
		return err
	}
	fmt.Fprintf(w, "%d payments, and %d alerts in the books\n\n", len(d.payments), len(d.books))
	if err := untilStopped(ctx, w, dir, d); err != nil {
		return err
	}
	if err := untilClosing(ctx, w, dir, d); err != nil {
		return err
	}
	alerts, err := alertsOf(dir)
	if err != nil {
		return err
	}
	printOne(w, alerts)
	fmt.Fprintf(w, "\nChecked against the generator's books\n\n")
	return d.books.check(w, alerts)
}

var (
	stopped = clock(11, 5)  // when the first service is stopped
	edited  = clock(11, 55) // when the rules are edited
)

// untilStopped runs the first service, which is stopped in the middle of what thieves do.
func untilStopped(ctx context.Context, w io.Writer, dir string, d *day) error {
	s, err := start(ctx, dir, 2)
	if err != nil {
		return err
	}
	err = inTurn(
		func() error { return s.edit(dir, morning) },
		func() error { return log(dir, d.logged(midnight, stopped)) },
		func() error { return s.reached(stopped.Add(-30 * time.Minute)) },
	)
	fmt.Fprintf(w, "%s  the service is stopped, and goes on with another number of shards\n", stopped.Format("15:04"))
	return errors.Join(err, s.stop())
}

// untilClosing runs the second one to the end of the day.
func untilClosing(ctx context.Context, w io.Writer, dir string, d *day) error {
	s, err := start(ctx, dir, 3)
	if err != nil {
		return err
	}
	err = inTurn(
		func() error { return log(dir, d.logged(stopped, edited)) },
		func() error { return s.edit(dir, change) },
		func() error { return printEdits(w, change) },
		func() error { return log(dir, d.logged(edited, over)) },
		func() error { return log(dir, closed()) },
		func() error { return s.reached(over.Add(-time.Hour)) },
		func() error { return s.asked(ctx, w, d.books) },
	)
	return errors.Join(err, s.stop())
}

// inTurn does one step after the other, up to the first that fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// closed is what each gateway logs when the day is over.
func closed() []sent {
	all := make([]sent, gateways)
	for i := range all {
		all[i] = sent{Payment: Payment{At: over}, gateway: i}
	}
	return all
}

func printEdits(w io.Writer, edits []Edit) error {
	for _, e := range edits {
		what := fmt.Sprintf("%s over %v", e.Measure, e.Limit)
		if e.Measure == "" {
			what = "taken back"
		}
		fmt.Fprintf(w, "%s  a rule is edited: from %s on, %q is %s\n", edited.Format("15:04"), e.From.Format("15:04"), e.Name, what)
	}
	return nil
}

// printOne prints the alert of a card that was tried out most often.
func printOne(w io.Writer, alerts []Alert) {
	var most Alert
	for _, a := range alerts {
		if a.Rule == tested && len(a.Payments) > len(most.Payments) {
			most = a
		}
	}
	fmt.Fprintf(w, "\nOne of %d alerts is %q, of %s, for\n\n", len(alerts), most.Rule, most.Who)
	for _, p := range most.Payments {
		fmt.Fprintf(w, "  %s  payment %d of %d.%02d, %s\n", p.At.Format(time.TimeOnly), p.ID, p.Cents/100, p.Cents%100, map[bool]string{true: "accepted", false: "failed"}[p.OK])
	}
}
