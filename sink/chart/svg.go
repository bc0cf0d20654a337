package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// svg writes the scene. Colours are classes, so that one picture is light or dark
// as its viewer is.
func (s *scene) svg(theme Theme) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="%s" viewBox="0 0 %s %s" width="%s" height="%s" role="img" aria-label="%s" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif">`+"\n",
		theme.class(), coordinate(s.width), coordinate(s.height), coordinate(s.width), coordinate(s.height), escape(s.label))
	used := map[string]bool{"f-ground": true}
	body := s.body(used)
	b.WriteString("<style>" + theme.css(used) + "</style>\n")
	fmt.Fprintf(&b, `<rect width="%s" height="%s" class="f-ground"/>`+"\n", coordinate(s.width), coordinate(s.height))
	b.Write(body)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// body writes the shapes, and adds to the classes that are used.
func (s *scene) body(used map[string]bool) []byte {
	var b bytes.Buffer
	var clip *frame
	for _, sh := range s.shapes {
		if sh.clip != clip {
			if clip != nil {
				b.WriteString("</svg>\n")
			}
			if clip = sh.clip; clip != nil {
				// A nested svg cuts off what lies outside, and needs no id, which would have to be unique in a page.
				fmt.Fprintf(&b, `<svg x="%[1]s" y="%[2]s" width="%[3]s" height="%[4]s" viewBox="%[1]s %[2]s %[3]s %[4]s">`+"\n",
					coordinate(clip.left), coordinate(clip.top), coordinate(clip.width()), coordinate(clip.height()))
			}
		}
		for _, class := range sh.svg(&b) {
			used[class] = true
		}
	}
	if clip != nil {
		b.WriteString("</svg>\n")
	}
	return b.Bytes()
}

// svg writes the shape, and returns its classes.
func (sh *shape) svg(b *bytes.Buffer) (classes []string) {
	at := sh.path[0]
	element := "path"
	switch {
	case sh.text != "":
		element = "text"
		fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s"`, coordinate(at.x), coordinate(at.y), coordinate(sh.size))
		if sh.bold {
			b.WriteString(` font-weight="600"`)
		}
		b.WriteString([]string{"", ` text-anchor="middle"`, ` text-anchor="end"`}[sh.anchor])
	case sh.radius > 0:
		element = "circle"
		fmt.Fprintf(b, `<circle cx="%s" cy="%s" r="%s"`, coordinate(at.x), coordinate(at.y), coordinate(sh.radius))
	case sh.closed && len(sh.path) == 2:
		element = "rect"
		to := sh.path[1]
		fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s"`, coordinate(min(at.x, to.x)), coordinate(min(at.y, to.y)),
			coordinate(math.Abs(to.x-at.x)), coordinate(math.Abs(to.y-at.y)))
	default:
		b.WriteString(`<path d="`)
		for i, p := range sh.path {
			b.WriteByte("ML"[min(i, 1)])
			b.WriteString(coordinate(p.x) + " " + coordinate(p.y))
		}
		if sh.closed {
			b.WriteByte('Z')
		}
		b.WriteByte('"')
	}
	if sh.fill != nothing {
		class := "f-" + sh.fill.String()
		if sh.onFill {
			class = "f-on" + sh.fill.String()
		}
		classes = append(classes, class)
	} else if element != "text" && (len(sh.path) > 2 || sh.closed || sh.radius > 0) {
		b.WriteString(` fill="none"`)
	}
	if sh.line != nothing {
		classes = append(classes, "l-"+sh.line.String())
		fmt.Fprintf(b, ` stroke-width="%s"`, coordinate(sh.thick))
		if len(sh.path) > 2 {
			b.WriteString(` stroke-linejoin="round" stroke-linecap="round"`)
		}
		if sh.dash != "" {
			fmt.Fprintf(b, ` stroke-dasharray="%s"`, sh.dash)
		}
	}
	if sh.faint {
		b.WriteString(` opacity="0.25"`)
	}
	fmt.Fprintf(b, ` class="%s"`, strings.Join(classes, " "))
	switch {
	case sh.text != "" && sh.tip != "":
		fmt.Fprintf(b, `>%s<title>%s</title></text>`, escape(sh.text), escape(sh.tip))
	case sh.text != "":
		fmt.Fprintf(b, `>%s</text>`, escape(sh.text))
	case sh.tip != "":
		fmt.Fprintf(b, `><title>%s</title></%s>`, escape(sh.tip), element)
	default:
		b.WriteString("/>")
	}
	b.WriteByte('\n')
	return classes
}

// coordinate writes a tenth of a pixel. Processors that round a product and a
// sum at once write the same.
func coordinate(v float64) string {
	v = math.Round(v*10) / 10
	if v == 0 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(numbers.Clean(s))) // a Buffer does not fail
	return b.String()
}
