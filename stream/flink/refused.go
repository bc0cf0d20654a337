package flink

import (
	"errors"
	"fmt"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
)

// refused returns why a plan cannot run on Flink.
func refused(plan *door.Plan, c *config) error {
	allowed := c.allowed
	var errs []error
	refuse := func(operator, why string) {
		errs = append(errs, fmt.Errorf("flink: %s of pipeline %q cannot run on Flink: %s", operator, plan.Name, why))
	}
	known := map[string]bool{}
	for _, l := range plan.Local {
		if l.Commits {
			refuse(l.Operator, l.Why)
			continue
		}
		known[l.Operator] = true
		if !allowed[l.Operator] {
			refuse(l.Operator, fmt.Sprintf("%s. Use one that every machine of the cluster reaches, or give the option Allow(%q) if it does its work in any process", l.Why, l.Operator))
		}
	}
	for _, s := range plan.Stages {
		if s.Alone != "" {
			refuse(s.Name, s.Alone)
		}
	}
	for name := range allowed {
		if !known[name] {
			errs = append(errs, fmt.Errorf("flink: Allow(%q): pipeline %q has no operator of that name that needs it", name, plan.Name))
		}
	}
	return errors.Join(errs...)
}

// saving returns the options for which a job saves its state.
func (c *config) saving() string {
	var all []string
	if c.every > 0 {
		all = append(all, "Checkpoints")
	}
	if c.end == saves {
		all = append(all, "StopWithSavepoint")
	}
	if c.restore != "" {
		all = append(all, "Restore")
	}
	if c.from.Store != nil {
		all = append(all, "From")
	}
	return strings.Join(all, " and ")
}

// saves reports whether the job saves its state, or goes on from one that did.
func (c *config) saves() bool { return c.saving() != "" }
