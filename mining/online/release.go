package online

import (
	"context"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/stream"
)

// NoKey is the key of a stream that has none.
type NoKey = stream.NoKey

// A Release is a model as an event: what trains models sends them, through a file or a broker if need be, and
// [Task.Served] takes them in.
type Release struct {
	Name    string // which model it is: the key, as text. Empty where there is one model for all.
	Version uint64 // which grows
	Saved   []byte // what the model's AppendBinary gives
}

// NewRelease returns a model as an event.
func NewRelease(name string, version uint64, m mining.Saved) (Release, error) {
	saved, err := m.AppendBinary(nil)
	if err != nil {
		return Release{}, fmt.Errorf("online: release version %d: %w", version, err)
	}
	return Release{name, version, saved}, nil
}

// ReleaseOf returns the model of a window, as [Fitted] makes it, as an event. Its name is the window's key as
// fmt.Sprint writes it, and its version the end of the window in milliseconds since 1970. It is for TryMap:
//
//	releases := orders.Window(window.Tumbling(24 * time.Hour)).
//		Aggregate(online.Fitted(build, features, label)).
//		TryMap(online.ReleaseOf)
func ReleaseOf[K comparable, M mining.Saved](_ context.Context, p stream.Pane[K, M]) (Release, error) {
	name := ""
	if _, none := any(p.Key).(NoKey); !none {
		name = fmt.Sprint(p.Key)
	}
	return NewRelease(name, uint64(max(p.End.UnixMilli(), 1)), p.Value)
}

// Key returns the name, for KeyBy.
func (r Release) Key() string { return r.Name }

// String leaves the bytes out.
func (r Release) String() string {
	return fmt.Sprintf("model %q version %d, %d bytes", r.Name, r.Version, len(r.Saved))
}

// later returns the release with the greater version.
func later(a, b Release) Release {
	if b.Version > a.Version {
		return b
	}
	return a
}
