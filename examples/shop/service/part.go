package service

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/freshet-go/freshet/stream"
)

// A Part is a server that not every shop has, and what the shop does with it. Package large has those
// of Kafka and HBase, so that who builds a shop without them does not compile their clients.
type Part struct {
	Name string // "Kafka": the flag is -kafka, and the address is in $SHOP_KAFKA for processes that are started
	Does string // what it is there for, as the flag says it

	// Start starts a server of the program's own, which keeps its files in dir and ends with stop.
	Start func(ctx context.Context, dir string) (addr string, stop func(), err error)
	// Open adds what is at an address to a shop. The server is not asked anything yet.
	Open func(s *Shop, addr string) error
}

// Orders are another way for orders to come than the table of the database.
type Orders interface {
	// Lane returns in which of how many lanes the orders of a visitor come. In one lane they come in their order.
	Lane(visitor string) (lane, of int)
	// Place places orders, and returns when they are safe.
	Place(ctx context.Context, orders []*Order) error
	// Read reads all of them.
	Read(p *stream.Pipeline) stream.Stream[Order]

	// Packing is a pipeline of which several run at once, in processes of their own, and share the orders. Lanes is how many
	// this one has.
	Packing(s Shop, packer string) (p *stream.Pipeline, lanes func() int64)
	// Packed returns how many orders each packer has packed.
	Packed(ctx context.Context, s Shop) (map[string]int64, error)
}

// Results are those that a part adds.
type Results interface {
	// Prepare makes what has to be there before the first visitor comes.
	Prepare(ctx context.Context, s Shop, t Traffic) error
	// Build adds chains to the pipeline. The orders have event times.
	Build(s Shop, orders stream.Stream[Order])
	// Found adds the figures that are shown where the results are.
	Found(ctx context.Context, s Shop, f Figures) error
	// Books adds the figures that have to be there.
	Books(t Traffic, f Figures)
	// Close lets its clients go.
	Close()
}

// A Placed part is one that is at an address, or "" where this shop has none. It is the flag for that.
type Placed struct {
	Part
	addr string
}

// At places a part. The address Own has a server be started.
func (p Part) At(addr string) Placed { return Placed{p, addr} }

// Own stands in the place of an address for a server of the program's own.
const Own = "own"

// places are where the environment says.
func places(parts []Part) (all []Placed) {
	for _, part := range parts {
		all = append(all, part.At(os.Getenv(part.variable())))
	}
	return all
}

func (p Part) flag() string     { return strings.ToLower(p.Name) }
func (p Part) variable() string { return "SHOP_" + strings.ToUpper(p.Name) }

// IsBoolFlag has package flag take -kafka alone, and -kafka=host:port.
func (p *Placed) IsBoolFlag() bool { return true }

func (p *Placed) String() string { return p.addr }

func (p *Placed) Set(value string) error {
	switch value {
	case "true":
		p.addr = Own
	case "false":
		p.addr = ""
	default:
		p.addr = value
	}
	return nil
}

// part starts the server of a part where none is given.
func (s *servers) part(ctx context.Context, w io.Writer, p *Placed) error {
	if p.addr != Own {
		return nil
	}
	dir := filepath.Join(s.dir, p.flag())
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	addr, stop, err := p.Start(ctx, dir)
	if err != nil {
		return fmt.Errorf("%s: %w\n-%s=ADDRESS goes to one that is there", p.Name, err, p.flag())
	}
	s.running.Go(func() {
		<-ctx.Done()
		stop()
	})
	p.addr = addr
	fmt.Fprintf(w, "on %s, of its own\n", p.Name)
	return nil
}
