package engine

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A Config is how a plan is run.
type Config struct {
	Shards int
	Batch  int           // how many events stages hand over at once at most
	Grace  time.Duration // how long a run may take to end
	GiveUp time.Duration // how long a checkpoint may take
	Logger *slog.Logger
	Now    func() time.Time
	Redact func(string) string // of the texts of causes; nil for as they are
	Show   func() (end func()) // shows how far the run has come; nil for nothing

	Observers   []Observer
	Follow      bool          // a sample of batches is followed,
	FollowEvery time.Duration // of each task of a source one in so long at most
	observers   *observers    // nil for none

	Store        keeper.Store // nil for a run without checkpoints
	Every        time.Duration
	StoreOptions []keeper.Option
	Savepoint    string   // to begin with; "" for the newest checkpoint
	Dropped      []string // operators whose state is not wanted
	Restarts     Restarts
	Useless      []string // options given that mean nothing without checkpoints
}

// settings returns what a run is set to that matters for its results and for what it leaves behind.
func (c Config) settings() (all []keeper.Setting) {
	add := func(name string, value any) { all = append(all, keeper.Setting{Name: name, Value: fmt.Sprint(value)}) }
	add("shards", c.Shards)
	add("batch size", c.Batch)
	if c.Store == nil {
		return all
	}
	store := fmt.Sprintf("%T", c.Store)
	if s, ok := c.Store.(fmt.Stringer); ok {
		store = s.String()
	}
	add("checkpoints", store)
	add("checkpoint interval", c.Every)
	if c.Savepoint != "" {
		add("from savepoint", c.Savepoint)
	}
	if len(c.Dropped) > 0 {
		add("drop state", strings.Join(c.Dropped, ", "))
	}
	if c.Restarts.Most > 0 {
		add("restarts", fmt.Sprintf("%d, wait %v", c.Restarts.Most, c.Restarts.Wait))
	}
	return all
}
