// Package report writes results as one HTML file: headings, figures, tables and
// charts of package chart. The file has no script and asks for nothing from
// elsewhere, so it can be mailed, kept, and opened in ten years. It is light or
// dark as its reader is, and fits a phone and a sheet of paper.
//
// A [Report] is data, of [Part] values from the top to the bottom. What stands in names and
// values is text and stays text: everything is escaped, and a content security
// policy forbids scripts as well.
//
//	r := report.Report{
//		Title: "The day of the shop",
//		Parts: []report.Part{
//			report.Figures{{Name: "revenue", Value: 48_211.5, Unit: "€"}, {Name: "orders", Value: 1204}},
//			report.Picture{Chart: chart.Chart{Title: "Revenue by hour", Layers: layers}},
//			report.Table{Caption: "Best products", Columns: []string{"product", "sold"}, Rows: rows},
//		},
//	}
//	err := r.WriteHTML(w)
//
// [File] is a [stream.Sink] that keeps a report up to date while a pipeline runs.
//
// A report is a value without goroutines. It is held in memory as a whole, and each chart is
// drawn twice, for wide and for narrow screens. Data for programs is better
// written by the sinks for that.
package report
