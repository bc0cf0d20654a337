package online_test

import (
	"encoding/json/v2"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/online"
)

// A score whose label is not known is JSON, too, and comes back.
func TestScoredJSON(t *testing.T) {
	nan := math.NaN()
	for want, s := range map[string]online.Scored[string]{
		`{"Value":"a","Prediction":1,"Probability":0.75,"Label":null,"Version":7,"Learnt":3}`:                             {"a", 1, 0.75, nil, nan, 7, 3},
		`{"Value":"","Prediction":0,"Label":1,"Version":0,"Learnt":0}`:                                                    {"", 0, 0, nil, 1, 0, 0},
		`{"Value":"b","Prediction":2,"Probability":0.5,"Probabilities":[0.25,0.25,0.5],"Label":2,"Version":0,"Learnt":9}`: {"b", 2, 0.5, []float64{0.25, 0.25, 0.5}, 2, 0, 9},
	} {
		b, err := json.Marshal(s)
		require.NoError(t, err)
		require.Equal(t, want, string(b))
		r := online.Scored[string]{Probabilities: []float64{9}, Label: 5}
		require.NoError(t, json.Unmarshal(b, &r))
		require.Equal(t, math.IsNaN(s.Label), math.IsNaN(r.Label))
		if math.IsNaN(s.Label) {
			s.Label, r.Label = 0, 0
		}
		require.Equal(t, s, r)
	}
	var r online.Scored[string]
	require.Error(t, json.Unmarshal([]byte(`{"Value":7}`), &r))
}

func TestPairs(t *testing.T) {
	s := online.Scored[int]{Prediction: 1, Probability: 0.75, Label: 0, Learnt: 1}
	label, predicted := s.Pair()
	require.Equal(t, [2]float64{0, 1}, [2]float64{label, predicted})
	label, p := s.Chance()
	require.Equal(t, [2]float64{0, 0.75}, [2]float64{label, p})
	label, all := s.Chances()
	require.Zero(t, label)
	require.Equal(t, []float64{0.25, 0.75}, all)
	s.Probabilities = []float64{0.1, 0.2, 0.7}
	_, all = s.Chances()
	require.Equal(t, s.Probabilities, all)

	s.Learnt = 0 // the first answer of an empty model judges nothing
	for _, label := range []float64{first(s.Pair()), first(s.Chance()), s.Missed(), s.Error()} {
		require.True(t, math.IsNaN(label))
	}
	s.Version = 1 // but that of one that was trained elsewhere does
	require.Zero(t, first(s.Pair()))
}

func first(a, _ float64) float64 { return a }
