// Package livepage shows a pipeline while it runs: a page with the plan as a graph, what each
// operator does, checkpoints and partitions, and results as charts and tables.
//
// A [Page] is an [http.Handler]. The service that runs the pipeline mounts it in its
// own mux, behind its own authentication and TLS:
//
//	page := livepage.New(p)
//	mux.Handle("/live/", http.StripPrefix("/live", page))
//
// Results are published by sinks, each with a function that says how its last values are shown:
// [Page.Plot] as lines over time, which the viewer's browser draws and can be asked for values;
// [Page.Table] as rows; [Page.Show] as a picture, such as a chart.Chart of any kind.
//
//	revenue.To(page.Plot("Revenue", 10_000, func(panes []stream.Pane[string, float64]) livepage.Plot {
//		return livepage.Plot{Unit: "€", Step: time.Minute, Series: livepage.FromPanes(panes, func(v float64) float64 { return v })}
//	}))
//
// The page only reads: nothing can be changed by it. All it consists of is in the program, uPlot 1.6.32
// included, and it asks for nothing from elsewhere, which a content security policy enforces. Names and values
// are shown as text; pictures are shown as images, in which no script runs. Keyboard and screen
// reader reach all of it.
//
// What viewers cost is bounded, however many look. Statistics are taken, states and panels are encoded and compressed at most once an
// interval for all of them, and not at all when nobody looks, by the goroutine of a viewer's request; no other is begun. The page sends at
// most so many answers a second as [Sends] says. Where there are more viewers than that allows for, each gets its figures more rarely, and the
// page tells how old they are. A viewer holds no queue: who is slow misses states, has nobody wait, and is dropped when a
// state takes longer than ten seconds to send. What a panel holds is bounded by the number of values that it keeps. Streams
// end with the run, within a few seconds, so that a server can shut down; a page that is still open asks again every few seconds, and goes on when the
// pipeline or the process has been started again.
//
// Counts are those of the run: they begin anew when a pipeline is restarted after a failure, and the page says so.
//
// Who sees the page sees names of operators, partitions and offsets, and what the panels
// show. For alerts and for history there is package promstats.
package livepage
