package stream

import (
	"encoding/json/v2"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A Plan is what a pipeline consists of, as a value: to be looked at, drawn, or
// translated. It does not change when the pipeline does.
type Plan struct {
	Name  string     `json:"name"`
	Nodes []PlanNode `json:"nodes"` // in the order in which they were added: each behind its inputs
	Edges []PlanEdge `json:"edges"`
}

// A PlanNode is one operator of a plan.
type PlanNode struct {
	Kind   string `json:"kind"`             // what it is: "filter", "window"
	Name   string `json:"name"`             // what it is called: unique in the pipeline
	Detail string `json:"detail,omitempty"` // what it is set to: "tumbling 1m0s"

	// Params is what it is set to, as a value: a window.Spec of a window, the TimeParams of
	// EventTime, the JoinParams of a join, the duration of Deduplicate, the fraction
	// of Sample; nil for what is set to nothing but functions.
	Params any `json:"-"`

	Out []PlanOutput `json:"out,omitempty"`
}

// A PlanOutput is what an operator puts out.
type PlanOutput struct {
	Label string       `json:"label,omitempty"` // set where the operator has several: "late"
	Type  reflect.Type `json:"-"`               // of the values
	Key   reflect.Type `json:"-"`               // of their keys; nil where they have none

	TypeName string `json:"type"`
	KeyName  string `json:"key,omitempty"`
}

// A PlanEdge says that an operator consumes what another one puts out.
type PlanEdge struct {
	From   int `json:"from"`   // places in Nodes
	Output int `json:"output"` // the place in Out of From
	To     int `json:"to"`

	// Exchange says that events move to another shard on the way, when there are
	// several.
	Exchange bool `json:"exchange,omitzero"`
}

// JoinParams are what a join is set to.
type JoinParams struct {
	Kind         JoinKind
	Lower, Upper time.Duration // of IntervalJoin
	Windows      window.Spec   // of WindowJoin and CoGroup
}

// TimeParams are what EventTime is set to. What is 0 was not set, but for Disorder, and
// for MaxAhead and MaxDrift where HasMaxAhead and HasMaxDrift are true.
type TimeParams struct {
	Disorder         time.Duration
	Punctuated       bool
	Idle             time.Duration
	AdvanceWhenQuiet time.Duration

	MaxAhead, MaxDrift       time.Duration
	HasMaxAhead, HasMaxDrift bool
}

// Plan returns the plan as it is now.
func (p *Pipeline) Plan() Plan {
	plan := Plan{Name: p.plan.Name}
	for _, n := range p.plan.Nodes {
		node := PlanNode{Kind: n.Kind, Name: n.Name, Detail: n.Detail, Params: n.Params}
		for _, o := range n.Outlets {
			out := PlanOutput{Label: o.Label()}
			out.Type, out.Key = o.Types()
			out.TypeName = out.Type.String()
			if out.Key != nil {
				out.KeyName = out.Key.String()
			}
			node.Out = append(node.Out, out)
		}
		plan.Nodes = append(plan.Nodes, node)
		for i, in := range n.Inputs {
			edge := PlanEdge{From: in.ID, To: n.ID, Exchange: n.Moves()}
			for k, o := range in.Outlets {
				if o == n.Inlets[i] {
					edge.Output = k
				}
			}
			plan.Edges = append(plan.Edges, edge)
		}
	}
	return plan
}

// inputs returns the edges that lead to a node.
func (p Plan) inputs(node int) (edges []PlanEdge) {
	for _, e := range p.Edges {
		if e.To == node {
			edges = append(edges, e)
		}
	}
	return edges
}

// String returns a line for each operator, with its inputs. Behind a double arrow
// events move to another shard when there are several.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline %s\n", p.Name)
	for i, n := range p.Nodes {
		fmt.Fprintf(&b, "  %s", n.title())
		for k, e := range p.inputs(i) {
			sep := ", "
			if k == 0 {
				sep = " <- "
				if e.Exchange {
					sep = " <= "
				}
			}
			b.WriteString(sep + p.Nodes[e.From].Name)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Mermaid returns a flowchart for Markdown.
func (p Plan) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	for i, n := range p.Nodes {
		fmt.Fprintf(&b, "    n%d[%s]\n", i, mermaidQuote(n.title()))
		for _, e := range p.inputs(i) {
			arrow := "-->"
			if e.Exchange {
				arrow = "==>"
			}
			fmt.Fprintf(&b, "    n%d %s n%d\n", e.From, arrow, i)
		}
	}
	return b.String()
}

// DOT returns a digraph for Graphviz.
func (p Plan) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n\trankdir=LR;\n", p.Name)
	for i, n := range p.Nodes {
		fmt.Fprintf(&b, "\tn%d [label=%q];\n", i, n.title())
		for _, e := range p.inputs(i) {
			style := ""
			if e.Exchange {
				style = " [style=bold]"
			}
			fmt.Fprintf(&b, "\tn%d -> n%d%s;\n", e.From, i, style)
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// JSON returns the plan as an object with nodes and edges.
func (p Plan) JSON() ([]byte, error) { return json.Marshal(p, json.Deterministic(true)) }

func (n *PlanNode) title() string {
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
