package chart

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Who lacks one kind of cones sees these, in linear light: Machado, Oliveira and Fernandes, "A
// Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
var eyes = map[string][3][3]float64{
	"all cones":    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// seen is a colour in OKLab, as an eye sees it: Ottosson, "A perceptual color space for
// image processing", 2020.
func seen(eye [3][3]float64, colour string) (lab [3]float64) {
	c := linear(colour)
	var v [3]float64
	for i := range v {
		for k := range c {
			v[i] += eye[i][k] * c[k]
		}
		v[i] = min(max(v[i], 0), 1)
	}
	l := math.Cbrt(0.4122214708*v[0] + 0.5363325363*v[1] + 0.0514459929*v[2])
	m := math.Cbrt(0.2119034982*v[0] + 0.6806995451*v[1] + 0.1073969566*v[2])
	s := math.Cbrt(0.0883024619*v[0] + 0.2817188376*v[1] + 0.6299787005*v[2])
	return [3]float64{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, 1.9779984951*l - 2.4285922050*m + 0.4505937099*s, 0.0259040371*l + 0.7827717662*m - 0.8086757660*s}
}

func apart(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}

// Series can be told apart by everyone, and from the ground; text can be read.
func TestColours(t *testing.T) {
	for name, p := range map[string]*palette{"light": &light, "dark": &dark} {
		for eye, matrix := range eyes {
			for i := series0; i < series0+seriesColours; i++ {
				for k := series0; k < i; k++ {
					d := apart(seen(matrix, p[i]), seen(matrix, p[k]))
					assert.Greater(t, d, 0.09, "%s, %s: %v and %v", name, eye, i, k) // what is just noticed is about 0.02
				}
			}
			for i := heat0 + 1; i < inks; i++ {
				a, b := seen(matrix, p[i-1])[0], seen(matrix, p[i])[0]
				assert.Equal(t, name == "light", b < a, "%s, %s: heat goes one way", name, eye)
				assert.Greater(t, math.Abs(a-b), 0.04, "%s, %s: %v", name, eye, i)
			}
		}
		for i := series0; i < series0+seriesColours; i++ {
			assert.Greater(t, contrast(p[i], p[ground]), 3.0, "%s: %v", name, i) // WCAG 2.2, 1.4.11
		}
		for _, i := range []ink{text, muted} {
			assert.Greater(t, contrast(p[i], p[ground]), 4.5, "%s: %v", name, i) // 1.4.3
		}
		for i := heat0; i < inks; i++ {
			assert.Greater(t, max(contrast(p[i], p[onDeep]), contrast(p[i], p[onPale])), 4.0, "%s: text on %v", name, i)
		}
	}
}
