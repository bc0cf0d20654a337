package engine

// Where operators run is decided before there is anything to run them: from the
// plan, the number of shards, and how many tasks read each source.

// A placement says which operators share a task, and how many tasks there are.
type placement struct {
	home  map[*Node]*Node // the operator that begins the stage of each
	count map[*Node]int   // of each that begins one, how many tasks the stage has
}

// place puts each operator into the stage of its inputs, or where that cannot
// be has it begin one: where inputs are of several stages, and where its events
// have to move to the shard of their key, or to others. Nodes stand
// behind their inputs. Readers is how many tasks read a source.
func place(nodes []*Node, shards int, readers func(*Node) int) placement {
	p := placement{map[*Node]*Node{}, map[*Node]int{}}
	for _, n := range nodes {
		home := n
		if len(n.Inputs) > 0 && !n.Spread {
			home = p.origin(n, 0)
			for i := range n.Inputs[1:] {
				if p.origin(n, i+1) != home {
					home = n
				}
			}
			if home != n && n.Moves() && (p.count[home] > 1 || n.Keyed && shards > 1) {
				home = n
			}
		}
		p.home[n] = home
		switch {
		case home != n:
		case n.Source != nil:
			p.count[n] = readers(n)
		default:
			p.count[n] = shards
		}
	}
	return p
}

// origin returns the stage in which what comes in by an input of n is put out: that of the
// operator that does, but for what it puts out in front of its exchange.
func (p *placement) origin(n *Node, input int) *Node {
	in := n.Inputs[input]
	if in.Early != nil && input < len(n.Inlets) && n.Inlets[input] == in.Early && p.home[in] == in {
		return p.home[in.Inputs[0]]
	}
	return p.home[in]
}

// readers deals partitions out to the tasks that read them: one that waits for
// the outside world has a task for itself, and the others share one a shard. It
// returns the task of each, and how many tasks there are: one at least, which
// ends at once where there is no partition.
func readers(waits []bool, shards int) (of []int, count int) {
	var sharing []int
	for i, alone := range waits {
		if !alone && len(sharing) == shards {
			of = append(of, sharing[i%len(sharing)])
			continue
		}
		if !alone {
			sharing = append(sharing, count)
		}
		of = append(of, count)
		count++
	}
	return of, max(count, 1)
}
