// Package livepage shows a pipeline while it runs: a page with the plan as a graph, what each
// operator does, checkpoints and partitions, and pictures of results.
//
// A [Page] is an [http.Handler]. The service that runs the pipeline mounts it in its
// own mux, behind its own authentication and TLS:
//
//	page := livepage.New(p)
//	mux.Handle("/live/", http.StripPrefix("/live", page))
//
// Results are shown by [Page.Show], a sink with a function that draws:
//
//	revenue.To(page.Show("Revenue", 10_000, func(panes []stream.Pane[string, float64]) livepage.Picture {
//		all, step := chart.FromPanes(panes, func(v float64) float64 { return v })
//		return chart.Chart{X: chart.Axis{Zone: time.UTC}, Layers: chart.Lines(all, step)}
//	}))
//
// The page only reads: nothing can be changed by it. All it consists of is in the program, and it asks
// for nothing from elsewhere, which a content security policy enforces. Names and values are
// shown as text; pictures are shown as images, in which no script runs.
//
// Viewers cost the pipeline nothing: its statistics are taken at most once an
// interval, however many look, and not at all when nobody does; pictures are drawn when
// they are asked for, by who asks. No goroutine is begun: each viewer is served by that of
// its request. A viewer holds no queue: who is slow misses states, and is dropped when a
// state takes longer than ten seconds to send. Streams end with the run, so that a server
// can shut down; a page that is still open asks again every few seconds, and goes on when the
// pipeline or the process has been started again.
//
// Who sees the page sees names of operators, partitions and offsets, and what the pictures
// show. For alerts and for history there is package promstats.
package livepage
