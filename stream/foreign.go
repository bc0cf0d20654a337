package stream

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/engine"
)

// Other engines reach in by way of internal/door.
func init() {
	door.Describe = func(ctx context.Context, pipeline any, c door.Config) (*door.Plan, error) {
		p := pipeline.(*Pipeline)
		if err := p.Validate(); err != nil {
			return nil, err
		}
		if err := p.sized(c.Shards, c.Batch); err != nil {
			return nil, err
		}
		return p.plan.Describe(ctx, foreignConfig(p, c.Shards, c.Batch, c.Logger, c.Now), c.Checkpoints, c.Bounded, c.From)
	}
	door.Open = func(pipeline any, o door.Opening) (door.Instance, error) {
		p := pipeline.(*Pipeline)
		if err := p.sized(o.Plan.Shards, o.Plan.Batch); err != nil {
			return nil, err
		}
		return p.plan.OpenForeign(foreignConfig(p, o.Plan.Shards, o.Plan.Batch, o.Logger, o.Now), o)
	}
}

// sized returns an error for numbers that Shards and BatchSize would not take.
func (p *Pipeline) sized(shards, batch int) error {
	if shards < 1 || shards > door.Groups || batch < 1 || batch > 1<<20 {
		return fmt.Errorf("stream: pipeline %q: %d shards and batches of %d events: want 1 to %d, and 1 to %d", p.plan.Name, shards, batch, door.Groups, 1<<20)
	}
	return nil
}

func foreignConfig(p *Pipeline, shards, batch int, log *slog.Logger, now func() time.Time) engine.Config {
	cfg := p.optionsOf([]RunOption{Shards(shards), BatchSize(batch)}).Config
	if log != nil {
		cfg.Logger = log
	}
	if now != nil {
		cfg.Now = now
	}
	return cfg
}
