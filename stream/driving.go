package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Package streamtest drives pipelines one step at a time. It lies outside
// this package and reaches in by way of internal/drive.
func init() {
	drive.New = func(pipeline any, shards, batch int, now func() time.Time, store checkpoint.Store) (drive.Driver, error) {
		p := pipeline.(*Pipeline)
		if err := p.Validate(); err != nil {
			return nil, err
		}
		opts := []RunOption{Shards(shards), BatchSize(batch)}
		if store != nil {
			opts = append(opts, Checkpoints(store, time.Hour)) // the driver takes them when it is asked to
		}
		cfg := p.optionsOf(opts).Config
		cfg.Now = now
		return engine.NewDriver(&p.plan, cfg)
	}
}
