package stream

import (
	"errors"
	"fmt"
	"strings"

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
		return "call Aggregate, Reduce, Count or Apply on it"
	case "keyby":
		return "call an operator of Keyed on it, such as Window, Aggregate or Process"
	}
	return "end it with To"
}

// A Format is a way to write down a plan.
type Format uint8

const (
	Text    Format = iota // a line for each operator, with its inputs
	Mermaid               // a flowchart for Markdown
	DOT                   // a digraph for Graphviz
)

// Plan returns the plan. Double arrows are exchanges: there events move to
// another shard when there are several.
func (p *Pipeline) Plan(f Format) string {
	var b strings.Builder
	switch f {
	case Mermaid:
		b.WriteString("flowchart LR\n")
		for _, n := range p.plan.Nodes {
			fmt.Fprintf(&b, "    n%d[%s]\n", n.ID, mermaidQuote(title(n)))
			for _, in := range n.Inputs {
				arrow := "-->"
				if n.Moves() {
					arrow = "==>"
				}
				fmt.Fprintf(&b, "    n%d %s n%d\n", in.ID, arrow, n.ID)
			}
		}
	case DOT:
		fmt.Fprintf(&b, "digraph %q {\n\trankdir=LR;\n", p.plan.Name)
		for _, n := range p.plan.Nodes {
			fmt.Fprintf(&b, "\tn%d [label=%q];\n", n.ID, title(n))
			for _, in := range n.Inputs {
				style := ""
				if n.Moves() {
					style = " [style=bold]"
				}
				fmt.Fprintf(&b, "\tn%d -> n%d%s;\n", in.ID, n.ID, style)
			}
		}
		b.WriteString("}\n")
	default:
		fmt.Fprintf(&b, "pipeline %s\n", p.plan.Name)
		for _, n := range p.plan.Nodes {
			fmt.Fprintf(&b, "  %s", title(n))
			for i, in := range n.Inputs {
				sep := ", "
				if i == 0 {
					sep = " <- "
					if n.Moves() {
						sep = " <= "
					}
				}
				b.WriteString(sep + in.Name)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func title(n *engine.Node) string {
	t := n.Name
	if n.Name != n.Kind && !strings.HasPrefix(n.Name, n.Kind+"-") {
		t += " (" + n.Kind + ")"
	}
	if n.Detail != "" {
		t += ": " + n.Detail
	}
	return t
}

func mermaidQuote(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(s) + `"`
}
