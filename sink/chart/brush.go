package chart

import (
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

// A brush fills polygons of an image. Edges are smooth.
type brush struct {
	image  *image.RGBA
	within image.Rectangle // what may be painted
	scale  float64
	vector.Rasterizer
}

// clip bounds what is painted to a frame, or to the image if there is none.
func (b *brush) clip(f *frame) {
	b.within = b.image.Bounds()
	if f != nil {
		round := func(v float64) int { return int(math.Round(v * b.scale)) }
		b.within = b.within.Intersect(image.Rect(round(f.left), round(f.top), round(f.right), round(f.bottom)))
	}
}

// fill paints what lies in any of some polygons. Those that overlap have to turn the same way.
func (b *brush) fill(polygons [][]place, c color.Color) {
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range polygons {
		for _, at := range p {
			left, top, right, bottom = min(left, at.x), min(top, at.y), max(right, at.x), max(bottom, at.y)
		}
	}
	if !(left <= right) {
		return
	}
	round := func(v float64) int { return int(math.Floor(v * b.scale)) }
	box := image.Rect(round(left), round(top), round(right)+1, round(bottom)+1).Intersect(b.within)
	if box.Empty() {
		return
	}
	b.Reset(box.Dx(), box.Dy())
	for _, p := range polygons {
		for i, at := range p {
			x, y := float32(at.x*b.scale-float64(box.Min.X)), float32(at.y*b.scale-float64(box.Min.Y))
			if i == 0 {
				b.MoveTo(x, y)
			} else {
				b.LineTo(x, y)
			}
		}
		b.ClosePath()
	}
	b.Draw(b.image, box, image.NewUniform(c), image.Point{})
}

// outline is a shape's border: that of a rectangle and of a disc as well.
func (sh *shape) outline() []place {
	switch {
	case sh.radius > 0:
		return disc(sh.path[0], sh.radius)
	case sh.closed && len(sh.path) == 2:
		a, z := sh.path[0], sh.path[1]
		return []place{a, {z.x, a.y}, z, {a.x, z.y}}
	}
	return sh.path
}

// disc is a polygon of 24 corners, which turns as pieces of lines do.
func disc(c place, radius float64) (all []place) {
	for i := range 24 {
		sin, cos := math.Sincos(-2 * math.Pi * float64(i) / 24)
		all = append(all, place{c.x + radius*cos, c.y + radius*sin})
	}
	return all
}

// stroke returns what a line of a thickness covers: a rectangle for each piece, and a
// disc at each end of one if there are several, as SVG has round joins there.
func stroke(path []place, thick float64, dash string) (all [][]place) {
	round := len(path) > 2
	for _, line := range dashed(path, dash) {
		for i, a := range line {
			if round {
				all = append(all, disc(a, thick/2))
			}
			if i+1 == len(line) {
				break
			}
			z := line[i+1]
			length := math.Hypot(z.x-a.x, z.y-a.y)
			if length == 0 {
				continue
			}
			x, y := -(z.y-a.y)/length*thick/2, (z.x-a.x)/length*thick/2
			all = append(all, []place{{a.x + x, a.y + y}, {z.x + x, z.y + y}, {z.x - x, z.y - y}, {a.x - x, a.y - y}})
		}
	}
	return all
}

// longest is how long a line may be to be dashed: those of usual charts have some thousand pixels,
// and one that leaves the frame far and often would have dashes without end.
const longest = 100_000

// dashed cuts a line into dashes: "7 3" is seven pixels of line and three of none.
func dashed(path []place, dash string) (all [][]place) {
	whole := 0.0
	for i := 1; i < len(path); i++ {
		whole += math.Hypot(path[i].x-path[i-1].x, path[i].y-path[i-1].y)
	}
	if dash == "" || whole > longest {
		return [][]place{path}
	}
	var lengths []float64
	for _, s := range strings.Fields(dash) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v > 0) {
			panic("chart: the dash " + dash) // dashes are ours
		}
		lengths = append(lengths, v)
	}
	n, left := 0, lengths[0] // which length it is, and how much of it is left
	line := path[:1:1]
	for i := 1; i < len(path); {
		a, z := line[len(line)-1], path[i]
		length := math.Hypot(z.x-a.x, z.y-a.y)
		to, ends := z, length > left
		if ends {
			to = place{a.x + (z.x-a.x)*left/length, a.y + (z.y-a.y)*left/length}
		} else {
			left -= length
			i++
		}
		if line = append(line, to); ends || i == len(path) {
			if n%2 == 0 {
				all = append(all, line)
			}
			n++
			line, left = []place{to}, lengths[n%len(lengths)]
		}
	}
	return all
}
