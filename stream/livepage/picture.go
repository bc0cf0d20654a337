package livepage

import (
	"errors"

	"github.com/freshet-go/freshet/stream"
)

// A Picture is a drawing of results: a chart.Chart, say.
type Picture interface {
	SVG() []byte // an svg element
}

// Show returns a sink that shows the last values of a stream, of all shards, as a picture
// with a name. At most keep values are held, and twice as many for a moment. Those of one shard are in their order, and draw must
// not care for the order between shards. It is called when a viewer wants to see new values, at most once
// an interval, by the goroutine of a viewer's request, one at a time, and must not keep the slice. Where it panics, viewers
// see why, as stream.Redact shows it, and the pipeline goes on.
//
// It is called while the pipeline is built, once for each sink. Values that come
// again after a restart are shown again, which chart.FromPanes sees to.
//
// It panics if keep is not positive. [Page.Plot] shows lines over time that a viewer can read the
// values of, and [Page.Table] rows.
func (p *Page) Show[T any](name string, keep int, draw func(values []T) Picture) stream.Sink[T] {
	return p.show("picture", name, keep, func(values []T) (content, error) {
		picture := draw(values)
		if picture == nil {
			return content{}, errors.New("there is no picture")
		}
		// Who opens the picture by itself gets one whose styles work, and nothing else.
		return content{kind: "image/svg+xml", policy: "default-src 'none'; style-src 'unsafe-inline'; sandbox", body: picture.SVG()}, nil
	})
}
