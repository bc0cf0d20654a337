package tune

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Test tells, event by event, when a challenger is better than a champion for sure. It may be asked after every event: the probability that
// it ever says so of a challenger that is not better is at most alpha, however long it runs.
//
// Both lose something on each event, from 0 to bound: 1 for a wrong answer and 0 for a right one, or a squared error that is cut at a
// bound. The test bets, against the champion, on the difference of the losses, which it knows to be from -1 to 1 bounds. If on each event the
// challenger is expected to lose no less, whatever came before, its wealth is a supermartingale, and reaches 1/alpha with a
// probability of alpha at most (Ville's inequality). Nothing is assumed of how losses are distributed, nor that they stay the same. What it
// bets is a share of its wealth, chosen from the events before: their mean over their mean square, up to a half. It is
// Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024, its approximate GRAPA.
//
// It takes 64 bytes, and Add takes constant time and allocates nothing.
type Test struct {
	alpha, bound float64
	events       uint64
	wealth, most float64 // their logarithms
	sum, squares float64 // of the differences, in bounds
}

// NewTest returns a test of which no more than a share alpha, between 0 and 1, says that a challenger is better which is not: 0.01, say. Bound is the greatest
// loss of an event: greater ones count as it.
func NewTest(alpha, bound float64) *Test {
	if !(alpha > 0 && alpha < 1) || !(bound > 0) || math.IsInf(bound, 1) {
		panic(fmt.Sprintf("tune: NewTest: an alpha between 0 and 1 and a bound greater than 0, not %v and %v", alpha, bound))
	}
	return &Test{alpha: alpha, bound: bound}
}

// Add takes what both lose on an event, and returns whether the challenger is better for sure. Once it is, it stays so. A loss that
// is NaN is unknown, and the event is left out. One below 0 counts as 0.
func (t *Test) Add(champion, challenger float64) bool {
	if math.IsNaN(champion) || math.IsNaN(challenger) {
		return t.Better()
	}
	d := (min(t.bound, max(0, champion)) - min(t.bound, max(0, challenger))) / t.bound
	// The bet knows nothing of this event. It begins with a little of what is not known yet: one half of a square.
	bet := min(0.5, max(0, t.sum/(t.squares+0.5)))
	t.wealth += math.Log1p(bet * d)
	t.most = max(t.most, t.wealth)
	t.events++
	t.sum += d
	t.squares += d * d
	return t.Better()
}

// Better reports whether the challenger is better for sure.
func (t *Test) Better() bool { return t.most >= -math.Log(t.alpha) }

// P returns the always-valid p-value: the least alpha at which the challenger would be better by now.
func (t *Test) P() float64 { return math.Exp(-t.most) }

// Events returns how many events were compared.
func (t *Test) Events() uint64 { return t.events }

// Gain returns how much less the challenger has lost on an event, on average: NaN of none.
func (t *Test) Gain() float64 { return t.sum / float64(t.events) * t.bound }

type plainTest Test

var kindTest = saved.As[plainTest]("tune.Test", 1)

// AppendBinary appends the test.
func (t *Test) AppendBinary(b []byte) ([]byte, error) { return kindTest.Append(b, (*plainTest)(t)) }

// UnmarshalBinary reads what AppendBinary appended.
func (t *Test) UnmarshalBinary(data []byte) error {
	return kindTest.Read(data, (*plainTest)(t), func(p *plainTest) error {
		if !(p.alpha > 0 && p.alpha < 1) || !(p.bound > 0) || !mining.Known(p.bound) || !mining.Known(p.wealth) || !(p.most >= 0) || !(p.squares >= 0) || !mining.Known(p.sum) {
			return fmt.Errorf("an alpha of %v, a bound of %v, a wealth of e^%v", p.alpha, p.bound, p.wealth)
		}
		return nil
	})
}

// A Duel has a challenger stand beside a champion on a live stream. Both predict and learn each event. The champion's answers are served, until
// a [Test] says that the challenger is better: from then on it is the champion.
type Duel[M any] struct {
	champion, challenger M
	standing             bool // there is a challenger
	alpha, bound         float64
	test                 *Test
	switches             int
}

// NewDuel returns a champion without a challenger. Alpha is the probability, for each challenger, that it takes over and is no better; bound is the
// greatest loss of an event: see [Test].
func NewDuel[M any](champion M, alpha, bound float64) *Duel[M] {
	return &Duel[M]{champion: champion, alpha: alpha, bound: bound, test: NewTest(alpha, bound)}
}

// Challenge has a challenger stand up, in the place of one that there may be. It should have learnt what the champion has, or a good part: its
// losses count from now on.
func (d *Duel[M]) Challenge(m M) {
	d.challenger, d.standing, d.test = m, true, NewTest(d.alpha, d.bound)
}

// Champion returns the model that serves.
func (d *Duel[M]) Champion() M { return d.champion }

// Challenger returns the model that stands beside, and whether there is one.
func (d *Duel[M]) Challenger() (M, bool) { return d.challenger, d.standing }

// Switches returns how many challengers took over.
func (d *Duel[M]) Switches() int { return d.switches }

// Test returns the test of the challenger that stands, or of the last one.
func (d *Duel[M]) Test() *Test { return d.test }

// Event takes an event with its label. Loss has a model predict it, returns what it loses, and has it learn then: it is called for the champion, and for
// the challenger if there is one. Event returns true if the challenger takes over with it.
func (d *Duel[M]) Event(loss func(m M) float64) bool {
	champion := loss(d.champion)
	if !d.standing || !d.test.Add(champion, loss(d.challenger)) {
		return false
	}
	var none M
	d.champion, d.challenger, d.standing = d.challenger, none, false
	d.switches++
	return true
}
