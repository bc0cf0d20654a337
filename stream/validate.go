package stream

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
)

// Validate reports what is wrong with the plan: outputs that lead nowhere.
// Run calls it.
func (p *Pipeline) Validate() error {
	var errs []error
	if len(p.plan.Nodes) == 0 {
		errs = append(errs, fmt.Errorf("stream: pipeline %q is empty: begin with From", p.plan.Name))
	}
	for _, n := range p.plan.Nodes {
		for _, o := range n.Outlets {
			if o.ConsumerCount() == 0 && !o.Optional() {
				what := n.Name
				if o.Label() != "" {
					what += " (" + o.Label() + ")"
				}
				errs = append(errs, fmt.Errorf("stream: nothing consumes %s: %s, or take it out", what, consumedBy(n)))
			}
		}
	}
	return errors.Join(errs...)
}

// consumedBy says what to do with what n puts out.
func consumedBy(n *engine.Node) string {
	switch n.Kind {
	case "window":
		return "call Aggregate, Reduce, Count or Group on it"
	case "keyby":
		return "call an operator of Keyed on it, such as Window, Running or Process"
	}
	return "end it with To"
}
