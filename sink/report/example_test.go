package report_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func ExampleReport() {
	r := report.Report{
		Title: "The week",
		Parts: []report.Part{
			report.Figures{{Name: "orders", Value: 1204}, {Name: "refunds", Value: 31}},
			report.Picture{Chart: chart.Chart{Title: "Best products", Layers: []chart.Layer{chart.Pareto([]chart.Rank{{Name: "tea", Value: 700}, {Name: "books", Value: 300}}, 10)}}},
			report.Table{Caption: "Days", Columns: []string{"day", "orders"}, Rows: [][]any{{"Monday", 180}, {"Tuesday", 204}}},
		},
	}
	var page bytes.Buffer
	err := r.WriteHTML(&page)
	fmt.Println(bytes.Contains(page.Bytes(), []byte("<td class=\"right\">204</td>")), err)
	// Output: true <nil>
}

// A report that is kept up to date while numbers come.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "report.html")
	p := stream.New("numbers")
	p.From(source.Slice([]float64{4, 8, 15, 16, 23, 42})).
		To(report.File(name, func(values []float64) report.Report {
			return report.Report{
				Title: "Numbers",
				Parts: []report.Part{
					report.Figures{{Name: "values", Value: len(values)}},
					report.Picture{Chart: chart.Chart{Layers: []chart.Layer{chart.Histogram("", values, 5)}}},
				},
			}
		}))
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}
	page, err := os.ReadFile(name)
	fmt.Println(bytes.Contains(page, []byte("<h1>Numbers</h1>")), err)
	// Output: true <nil>
}
