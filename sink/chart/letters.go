package chart

import (
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// letters sets text in the Go fonts.
type letters struct {
	scale float64
	fonts [2]*opentype.Font // plain and bold
	faces map[face]font.Face
}

type face struct {
	size float64
	bold bool
}

func newLetters(scale float64) *letters {
	l := &letters{scale: scale, faces: map[face]font.Face{}}
	for i, file := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := opentype.Parse(file)
		if err != nil {
			panic(err) // it is in the program
		}
		l.fonts[i] = f
	}
	return l
}

func (l *letters) face(f face) font.Face {
	if l.faces[f] == nil {
		i := 0
		if f.bold {
			i = 1
		}
		made, err := opentype.NewFace(l.fonts[i], &opentype.FaceOptions{Size: f.size * l.scale, DPI: 72})
		if err != nil {
			panic(err) // it is in the program
		}
		l.faces[f] = made
	}
	return l.faces[f]
}

// A piece is text of one face, raised by a part of its size.
type piece struct {
	text string
	face
	up float64
}

// raised are the digits of exponents, which the fonts do not have.
const raised, plain = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"

// pieces cuts a text where exponents begin and end. Narrow spaces become those that
// the fonts have.
func pieces(s string, of face) (all []piece) {
	for _, r := range s {
		p := piece{face: of}
		if i := strings.IndexRune(raised, r); i >= 0 {
			n := len([]rune(raised[:i]))
			r, p.face.size, p.up = rune(plain[n]), of.size*0.7, of.size*0.35
		} else if r == '\u202f' || r == '\u2009' {
			r = '\u00a0'
		}
		if n := len(all); n > 0 && all[n-1].face == p.face {
			all[n-1].text += string(r)
			continue
		}
		p.text = string(r)
		all = append(all, p)
	}
	return all
}

// width is how wide a text is, in pixels of the chart.
func (l *letters) width(s string, of face) float64 {
	sum := fixed.Int26_6(0)
	for _, p := range pieces(s, of) {
		sum += font.MeasureString(l.face(p.face), p.text)
	}
	return float64(sum) / 64 / l.scale
}

// write writes a shape's text.
func (l *letters) write(to *image.RGBA, sh *shape, c color.Color) {
	of := face{sh.size, sh.bold}
	x := sh.path[0].x
	switch sh.anchor {
	case atMiddle:
		x -= l.width(sh.text, of) / 2
	case atEnd:
		x -= l.width(sh.text, of)
	}
	d := font.Drawer{Dst: to, Src: image.NewUniform(c), Dot: fixed.Point26_6{X: fixed.Int26_6(x * l.scale * 64)}}
	for _, p := range pieces(sh.text, of) {
		d.Face = l.face(p.face)
		d.Dot.Y = fixed.Int26_6((sh.path[0].y - p.up) * l.scale * 64)
		d.DrawString(p.text)
	}
}
