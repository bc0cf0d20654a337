package chart

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strconv"
)

// mostPixels is what an image may have: 400 MB of them.
const mostPixels = 100_000_000

// WritePNG writes the chart to w as a PNG image, scale pixels for each pixel of the
// chart: 2 for screens of phones and for print. An image has one theme: where the chart
// says Either, it is light. The same chart gives the same bytes.
//
// Text is set in the Go fonts, which have the letters of Latin, Greek and Cyrillic; of others
// they show boxes. An SVG has the fonts of its viewer, is sharp at any size, and is
// smaller: prefer it where it is shown.
//
// It returns the error of w, and one if scale is not positive or the image would
// have more than 100 million pixels. It is a function, so that a program which writes no PNG does not
// link the fonts.
func WritePNG(w io.Writer, c Chart, scale float64) error {
	s := c.scene()
	width, height := s.width*scale, s.height*scale
	switch {
	case !(scale > 0):
		return fmt.Errorf("chart: a PNG at scale %v: want a positive one", scale)
	case !(width*height <= mostPixels):
		return fmt.Errorf("chart: a PNG of %.0f by %.0f pixels: want at most %d of them; take a smaller scale", width, height, mostPixels)
	}
	bounds := image.Rect(0, 0, max(1, int(width+0.5)), max(1, int(height+0.5)))
	return png.Encode(w, s.raster(bounds, scale, c.Theme))
}

// raster draws the shapes in their order.
func (s *scene) raster(bounds image.Rectangle, scale float64, theme Theme) image.Image {
	p := &light
	if theme == Dark {
		p = &dark
	}
	b := &brush{image: image.NewRGBA(bounds), scale: scale}
	draw.Draw(b.image, bounds, image.NewUniform(p.colour(ground, false)), image.Point{}, draw.Src)
	letters := newLetters(scale)
	for i := range s.shapes {
		sh := &s.shapes[i]
		b.clip(sh.clip)
		if sh.text != "" {
			ink := p.colour(sh.fill, sh.faint)
			if sh.onFill {
				ink = p.colour(p.on(sh.fill), sh.faint)
			}
			letters.write(b.image, sh, ink)
			continue
		}
		outline := sh.outline()
		if sh.fill != nothing {
			b.fill([][]place{outline}, p.colour(sh.fill, sh.faint))
		}
		if sh.line != nothing {
			if sh.closed || sh.radius > 0 {
				outline = append(outline, outline[0])
			}
			b.fill(stroke(outline, sh.thick, sh.dash), p.colour(sh.line, sh.faint))
		}
	}
	return b.image
}

// colour is what an ink looks like.
func (p *palette) colour(i ink, faint bool) color.Color {
	v, err := strconv.ParseUint(p[i][1:], 16, 32)
	if err != nil {
		panic("chart: the colour " + p[i]) // palettes are ours
	}
	c := color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
	if faint {
		c.A = 64 // a quarter, as in SVG
	}
	return c
}
