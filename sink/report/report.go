package report

import (
	"bytes"
	"html/template"
	"io"

	"golang.org/x/text/language"

	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// A Report is what stands in a page.
type Report struct {
	Title    string
	Subtitle string
	Parts    []Part
	Language language.Tag // of the page and its numbers; English if it is not set
}

// A Part is a Heading, a Text, Figures, a Table or a Picture.
type Part interface {
	html(p page) (template.HTML, error)
}

// A Heading begins a section.
type Heading string

// A Text is a paragraph.
type Text string

// Figures are a few numbers to be read first.
type Figures []Figure

// A Figure is a number with what it is.
type Figure struct {
	Name  string
	Value any // a number, or what fmt.Sprint makes a text of
	Unit  string
	Note  string // in small letters: compared with what
}

// A Picture is a chart.
type Picture struct{ chart.Chart }

// page is what parts have to know of their report.
type page struct {
	numbers.Format
	language language.Tag
}

// WriteHTML writes the report to w. The same report gives the same bytes.
func (r Report) WriteHTML(w io.Writer) error {
	if r.Language == (language.Tag{}) {
		r.Language = language.English
	}
	p := page{numbers.New(r.Language), r.Language}
	var body bytes.Buffer
	for _, part := range r.Parts {
		html, err := part.html(p)
		if err != nil {
			return err
		}
		body.WriteString(string(html))
	}
	var out bytes.Buffer
	err := whole.Execute(&out, map[string]any{
		"Title": numbers.Clean(r.Title), "Subtitle": numbers.Clean(r.Subtitle), "Language": r.Language.String(),
		"Style": template.CSS(style), "Body": template.HTML(body.String()), "Empty": body.Len() == 0,
	})
	if err != nil {
		return err
	}
	_, err = w.Write(out.Bytes())
	return err
}

func (h Heading) html(page) (template.HTML, error) { return fill("heading", numbers.Clean(string(h))) }
func (t Text) html(page) (template.HTML, error)    { return fill("text", numbers.Clean(string(t))) }

func (f Figures) html(p page) (template.HTML, error) {
	type shown struct{ Name, Value, Unit, Note string }
	var all []shown
	for _, x := range f {
		value, _ := p.cell(x.Value)
		all = append(all, shown{numbers.Clean(x.Name), value, numbers.Clean(x.Unit), numbers.Clean(x.Note)})
	}
	return fill("figures", all)
}

// html draws the chart twice: text that is scaled down to a phone could not be read.
func (c Picture) html(p page) (template.HTML, error) {
	wide, narrow := c.Chart, c.Chart
	if wide.Language == (language.Tag{}) {
		wide.Language, narrow.Language = p.language, p.language
	}
	narrow.Width = 328 // of 360, less the margins
	if narrow.Height == 0 {
		narrow.Height = 320
	}
	return fill("picture", map[string]any{"Wide": template.HTML(wide.SVG()), "Narrow": template.HTML(narrow.SVG())})
}

func fill(name string, data any) (template.HTML, error) {
	var b bytes.Buffer
	err := parts.ExecuteTemplate(&b, name, data)
	return template.HTML(b.String()), err
}
