package chart

// A scene is a chart as shapes, in the order in which they are drawn.
type scene struct {
	width, height float64
	label         string // for who cannot see it
	shapes        []shape
}

// A place is in pixels from the upper left.
type place struct{ x, y float64 }

// A shape is a text, a disc, or a path.
type shape struct {
	path   []place // two that are closed are opposite corners of a rectangle
	closed bool
	radius float64 // of a disc at the first place

	text   string
	size   float64
	bold   bool
	anchor anchor

	fill, line ink
	onFill     bool // it is text on an area of the colour fill
	faint      bool // half transparent
	thick      float64
	dash       string

	tip string // what is said when it is pointed at

	clip *frame // what lies outside is not drawn
}

// An anchor says which end of a text its place is.
type anchor int

const (
	atStart anchor = iota
	atMiddle
	atEnd
)

// A frame is a rectangle.
type frame struct{ left, top, right, bottom float64 }

func (f frame) width() float64  { return f.right - f.left }
func (f frame) height() float64 { return f.bottom - f.top }

func (s *scene) add(sh shape) { s.shapes = append(s.shapes, sh) }

// write puts text at a place; y is its base line.
func (s *scene) write(x, y float64, text string, size float64, colour ink, a anchor) {
	if text != "" {
		s.add(shape{path: []place{{x, y}}, text: text, size: size, fill: colour, anchor: a})
	}
}

// rule draws a straight line.
func (s *scene) rule(x1, y1, x2, y2 float64, colour ink, thick float64) {
	s.add(shape{path: []place{{x1, y1}, {x2, y2}}, line: colour, thick: thick})
}
