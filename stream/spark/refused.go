package spark

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/door"
)

// refused returns why a plan cannot run on Spark.
func refused(plan *door.Plan, c *config) error {
	var errs []error
	refuse := func(operator, why string) {
		errs = append(errs, fmt.Errorf("spark: %s of pipeline %q cannot run on Spark: %s", operator, plan.Name, why))
	}
	known := map[string]bool{}
	for _, l := range plan.Local {
		if l.Commits {
			refuse(l.Operator, l.Why)
			continue
		}
		known[l.Operator] = true
		if !c.allowed[l.Operator] {
			refuse(l.Operator, fmt.Sprintf("%s. Use one that every machine of the cluster reaches, or give the option Allow(%q) if it does its work in any process", l.Why, l.Operator))
		}
	}
	for _, name := range plan.Uncommitted {
		known[name] = true
		if !c.allowed[name] {
			refuse(name, fmt.Sprintf("its rows appear as they are written, and again where Spark runs a task a second time. Use a sink that commits, as sink.Files and those of sqlsink do, or give the option Allow(%q) if rows that come again change nothing", name))
		}
	}
	for _, s := range plan.Stages {
		switch {
		case s.Waits:
			refuse(s.Name, "its partitions wait for the outside world, and a batch has an end. Use a source that reads what is there, or run it in one process")
		case s.Endless:
			refuse(s.Name, "it never ends, and a batch has an end")
		}
	}
	for name := range c.allowed {
		if !known[name] {
			errs = append(errs, fmt.Errorf("spark: Allow(%q): pipeline %q has no operator of that name that needs it", name, plan.Name))
		}
	}
	return errors.Join(errs...)
}
