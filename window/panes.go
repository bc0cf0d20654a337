package window

// OfPanes returns windows to group the results of windows of s by: each pane is in
// the one window that it is of, also where those of s overlap. So what was found by
// one key is brought together by another, or by none, window by window:
//
//	hot := window.Sliding(time.Minute, 10*time.Second)
//	views.KeyBy(View.product).Window(hot).Count().
//		Window(hot.OfPanes()).Aggregate(window.Top(3, byViews))
//
// SQL says this as GROUP BY window_start, window_end. It goes by the event time
// of panes, which is the last moment of their window, and which Filter, Map and
// KeyBy leave to what they make of them. An event at any other time is in the window
// that ends next. Of sessions, whose ends several may share, it goes by the Start and the End
// of the pane: see stream.LastPanes.
//
// The allowed lateness is that of s, unless opts say otherwise, and triggers are those of opts alone. Where s has
// panes come early or again, and does not discard, a later pane takes the place of an
// earlier one of its key: they are aggregated by way of stream.LastPanes.
//
// It panics for windows of a number of events, for panes with a Stamp of their own, and
// for sessions with an allowed lateness or triggers. These grow after they were shown: a later pane
// of one takes the place of panes of other windows, which it has in Replaces, and whose
// results would have to be taken back, which a stream cannot do and a table can: stream.PaneTable
// makes a table of the panes, and GroupBy brings together what is of one window in it. Sessions that are shown once have windows of
// panes; what is late for them is in Late.
func (s Spec) OfPanes(opts ...Option) Spec {
	need(s.kind != KindCount, "OfPanes makes no sense for %s windows", s.kind)
	need(s.stamper == nil, "OfPanes: panes with a Stamp of their own do not tell their window")
	of := s
	s.panesOf, s.trigger = &of, Trigger{}
	need(s.kind != KindSession || of.Default() && of.lateness == 0, "OfPanes: sessions with Lateness or triggers grow after they were shown, so that a pane takes the place of panes of other windows: "+
		"leave these options out, and take from Late what is late, or make a table of the panes by stream.PaneTable, and group its rows by their windows")
	return s.with(opts)
}

// ForPanes reports whether s is what OfPanes has returned.
func (s Spec) ForPanes() bool { return s.panesOf != nil }

// Replaced reports whether s is for panes of which a later one of a key and window
// takes the place of an earlier one.
func (s Spec) Replaced() bool {
	if s.panesOf == nil {
		return false
	}
	t := s.panesOf.trigger
	return !t.Discard && t.Once == 0 && (s.panesOf.lateness > 0 || t.EarlyEvery > 0 || t.EarlyCount > 0)
}

// Parts reports whether s is for panes that each hold what has come since the last
// one: see Discarding.
func (s Spec) Parts() bool { return s.panesOf != nil && s.panesOf.trigger.Discard }

// paneSlice is Slice for panes of sliding windows: from one end to the next.
func (s Spec) paneSlice(t Time) Window {
	end := s.EndAfter(t)
	behind := mod(past(t, s.slide, s.offset)-s.size%s.slide, s.slide)
	return Window{t.Add(-behind), end}
}

func (s Spec) panesText() string {
	if s.panesOf == nil {
		return ""
	}
	return ", of panes"
}
