package chart

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/browsertest"
)

func drawn(t *testing.T, c Chart, scale float64) image.Image {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, WritePNG(&b, c, scale))
	got, err := png.Decode(&b)
	require.NoError(t, err)
	return got
}

// An image has the size and ground that it should, and is the same each time. FRESHET_SCREENSHOTS names a folder to have the gallery in.
func TestPNG(t *testing.T) {
	scale := 0.25
	if os.Getenv("FRESHET_SCREENSHOTS") != "" {
		scale = 2
	}
	for name, c := range gallery() {
		for theme, ground := range map[Theme]color.RGBA{Either: {255, 255, 255, 255}, Dark: {20, 24, 31, 255}} {
			c.Theme = theme
			got := drawn(t, c, scale)
			s := c.scene()
			assert.Equal(t, image.Pt(int(s.width*scale+0.5), int(s.height*scale+0.5)), got.Bounds().Size(), name)
			assert.Equal(t, ground, got.At(2, 2), name)
			if theme == Dark {
				assert.Equal(t, got, drawn(t, c, scale), "%s: the same chart gives the same image", name)
			}
			if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
				f, err := os.Create(filepath.Join(dir, fmt.Sprint(name, theme, ".png")))
				require.NoError(t, err)
				require.NoError(t, png.Encode(f, got))
				require.NoError(t, f.Close())
			}
		}
	}
}

// A browser draws the SVG as we draw the PNG, but for the letters: a pixel in a hundred differs.
func TestPNGAsBrowser(t *testing.T) {
	b := browsertest.Start(t)
	dir := t.TempDir()
	for name, c := range gallery() {
		if os.Getenv("FRESHET_LONG") == "" && name != "lines" && name != "heat" && name != "boxes" && name != "small" {
			continue
		}
		for _, dark := range []bool{len(name)%2 == 0} {
			c.Theme = Light
			if dark {
				c.Theme = Dark
			}
			s := c.scene()
			bare := scene{width: s.width, height: s.height}
			for _, sh := range s.shapes {
				if sh.text == "" {
					bare.add(sh)
				}
			}
			page := filepath.Join(dir, "page.svg")
			require.NoError(t, os.WriteFile(page, bare.svg(c.Theme), 0o666))
			b.View(max(int(s.width), 600), int(s.height), dark) // a narrower one would be a phone, which scales
			b.Open("file://" + page)
			shot := filepath.Join(dir, "shot.png")
			b.Screenshot(shot)
			file, err := os.ReadFile(shot)
			require.NoError(t, err)
			want, err := png.Decode(bytes.NewReader(file))
			require.NoError(t, err)
			got := bare.raster(image.Rect(0, 0, int(s.width), int(s.height)), 1, c.Theme)
			require.True(t, got.Bounds().In(want.Bounds()), name)
			differ := 0
			for y := range int(s.height) {
				for x := range int(s.width) {
					r1, g1, b1, _ := got.At(x, y).RGBA()
					r2, g2, b2, _ := want.At(x, y).RGBA()
					if far(r1, r2) || far(g1, g2) || far(b1, b2) {
						differ++
					}
				}
			}
			assert.Less(t, float64(differ)/(s.width*s.height), 0.01, "%s, dark %v", name, dark)
		}
	}
}

// far reports whether parts of colours differ by more than a fifth.
func far(a, b uint32) bool { return math.Abs(float64(a)-float64(b)) > 65535/5 }

// A dash is as long as it should be, over corners too, and what covers a line is as wide.
func TestStroke(t *testing.T) {
	length := func(line []place) (sum float64) {
		for i := 1; i < len(line); i++ {
			sum += math.Hypot(line[i].x-line[i-1].x, line[i].y-line[i-1].y)
		}
		return sum
	}
	all := dashed([]place{{0, 0}, {10, 0}, {10, 7}, {10, 8}, {0, 8}}, "9 3 2 3")
	var lengths []float64
	for _, line := range all {
		lengths = append(lengths, length(line))
	}
	assert.Equal(t, []float64{9, 2, 9}, lengths)
	assert.Equal(t, []place{{10, 2}, {10, 4}}, all[1])
	assert.Equal(t, []place{{10, 7}, {10, 8}, {2, 8}}, all[2])
	assert.Len(t, dashed([]place{{0, 0}, {1e5, 0}, {0, 0}}, "2 3"), 1, "a line that is far too long is not dashed")
	b := &brush{image: image.NewRGBA(image.Rect(0, 0, 40, 40)), scale: 2}
	b.clip(&frame{5, 0, 15, 20})
	b.fill(stroke([]place{{-1e5, 10}, {1e5, 10}}, 4, ""), color.White)
	covered := 0
	for y := range 40 {
		for x := range 40 {
			_, _, _, a := b.image.At(x, y).RGBA()
			inside := x >= 10 && x < 30 && y >= 16 && y < 24
			assert.Equal(t, inside, a == 0xffff, "%d, %d", x, y)
			covered += int(a / 0xffff)
		}
	}
	assert.Equal(t, 160, covered)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("full") }

// What is asked for in vain is an error: nothing hangs, or takes memory without end.
func TestPNGFaults(t *testing.T) {
	c := Chart{}
	for _, scale := range []float64{0, -1, math.NaN()} {
		require.ErrorContains(t, WritePNG(&bytes.Buffer{}, c, scale), "want a positive one")
	}
	for _, scale := range []float64{1e3, math.Inf(1)} {
		require.ErrorContains(t, WritePNG(&bytes.Buffer{}, c, scale), "take a smaller scale")
	}
	require.ErrorContains(t, WritePNG(full{}, c, 1), "full")
	assert.Equal(t, image.Pt(1, 1), drawn(t, c, 1e-9).Bounds().Size())
	wild := Line{Points: make([]Point, 300)}
	for i := range wild.Points {
		wild.Points[i] = Point{float64(i), math.Copysign(1e300, float64(i%2)-0.5)}
	}
	drawn(t, Chart{Y: Axis{Min: 0, Max: 1}, Layers: []Layer{Line{Name: "a"}, wild, Dots{Points: wild.Points}}}, 1)
}

// Exponents are raised digits, and spaces are those that the font has.
func TestPieces(t *testing.T) {
	of := face{size: 10}
	assert.Equal(t, []piece{{"1.5·10", of, 0}, {"-18", face{size: 7}, 3.5}, {"\u00a0€", of, 0}}, pieces("1.5·10⁻¹⁸\u202f€", of))
	assert.Empty(t, pieces("", of))
}
