package stream

import (
	"errors"
	"fmt"
	"strings"
)

// Validate reports what is wrong with the plan: outputs that lead nowhere.
// Run calls it.
func (p *Pipeline) Validate() error {
	var errs []error
	if len(p.nodes) == 0 {
		errs = append(errs, fmt.Errorf("stream: pipeline %q is empty: begin with From", p.name))
	}
	for _, n := range p.nodes {
		for _, o := range n.outlets {
			if o.consumerCount() == 0 && !o.optional() {
				what := n.name
				if o.label() != "" {
					what += " (" + o.label() + ")"
				}
				errs = append(errs, fmt.Errorf("stream: nothing consumes %s: %s, or take it out", what, n.consumedBy()))
			}
		}
	}
	return errors.Join(errs...)
}

// consumedBy says what to do with what n puts out.
func (n *node) consumedBy() string {
	switch n.kind {
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
		for _, n := range p.nodes {
			fmt.Fprintf(&b, "    n%d[%s]\n", n.id, mermaidQuote(n.title()))
			for _, in := range n.inputs {
				arrow := "-->"
				if n.moves() {
					arrow = "==>"
				}
				fmt.Fprintf(&b, "    n%d %s n%d\n", in.id, arrow, n.id)
			}
		}
	case DOT:
		fmt.Fprintf(&b, "digraph %q {\n\trankdir=LR;\n", p.name)
		for _, n := range p.nodes {
			fmt.Fprintf(&b, "\tn%d [label=%q];\n", n.id, n.title())
			for _, in := range n.inputs {
				style := ""
				if n.moves() {
					style = " [style=bold]"
				}
				fmt.Fprintf(&b, "\tn%d -> n%d%s;\n", in.id, n.id, style)
			}
		}
		b.WriteString("}\n")
	default:
		fmt.Fprintf(&b, "pipeline %s\n", p.name)
		for _, n := range p.nodes {
			fmt.Fprintf(&b, "  %s", n.title())
			for i, in := range n.inputs {
				sep := ", "
				if i == 0 {
					sep = " <- "
					if n.moves() {
						sep = " <= "
					}
				}
				b.WriteString(sep + in.name)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// moves reports whether events change shards on their way into n.
func (n *node) moves() bool {
	parted := len(n.inputs) == 1 && n.inputs[0].parts
	return n.keyed && !parted || n.spread || n.single
}

func (n *node) title() string {
	t := n.name
	if n.name != n.kind && !strings.HasPrefix(n.name, n.kind+"-") {
		t += " (" + n.kind + ")"
	}
	if n.detail != "" {
		t += ": " + n.detail
	}
	return t
}

func mermaidQuote(s string) string {
	return `"` + strings.NewReplacer(`"`, "#quot;", "\n", " ").Replace(s) + `"`
}
