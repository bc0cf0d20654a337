package main

import (
	"fmt"
	"time"
)

// edits are what is done to the rules in the course of the day: first what they are in the morning, and what is decided
// before noon.
var (
	morning = []Edit{
		{midnight, "much money", Rule{"cents", 1000_00}},
		{midnight, "often", Rule{"payments", 5}},
	}
	change = []Edit{
		{noon, "much money", Rule{"cents", 600_00}},
		{noon, "strange amount", Rule{"strange", 12}},
		{From: three, Name: "often"}, // it is taken back
	}
)

// A plot has a thief do something, and books what has to be noticed of it, which may be nothing.
var plots = []func(*thief){
	// Too much money, by the rule of the time.
	spends(clock(8, 30), 260_00, 4, 4),
	spends(clock(9, 30), 240_00, 4, 0),
	spends(clock(13, 0), 240_00, 4, 3),
	spends(clock(14, 0), 190_00, 3, 0),
	beforeNoon, atNoon,

	// Too many payments, as long as there is a rule for that.
	spends(clock(10, 30), 1_00, 5, 0),
	often(clock(11, 0), true),
	often(clock(16, 0), false),

	// A card that is tried out.
	triesOut(clock(12, 30), 3, time.Minute, true),
	triesOut(clock(17, 0), 4, 2*time.Minute, true),
	triesOut(clock(17, 30), 2, time.Minute, false),
	triesOut(clock(18, 0), 3, 4*time.Minute, false), // it takes 12 minutes

	// Many cards on one device.
	passesAround(clock(11, 20), 4, true),
	passesAround(clock(18, 30), 6, true),
	passesAround(clock(19, 0), 3, false),
}

// A thief has cards and devices that nobody else has.
type thief struct {
	*day
	name string
	now  time.Time
}

// begins goes to a time, or a little later.
func (t *thief) begins(at time.Time) { t.now = at.Add(t.between(0, 10*time.Minute)) }

func (t *thief) card() string { return fmt.Sprintf("loot-%s-%s", t.name, t.now.Format("150405.000")) }

// pays pays now, and waits.
func (t *thief) pays(card, device string, cents int64, ok bool, wait time.Duration) Payment {
	p := t.pay(Payment{Card: card, Device: device, Cents: cents, OK: ok, At: t.now})
	t.now = t.now.Add(wait)
	return p
}

// spends has so many payments of a minute each, of which those up to the noticed one are in an alert, or none are.
func spends(at time.Time, cents int64, times, noticed int) func(*thief) {
	return func(t *thief) {
		t.begins(at)
		t.shops(cents, times, "much money", noticed)
	}
}

func often(at time.Time, noticed bool) func(*thief) {
	return func(t *thief) {
		t.begins(at)
		t.shops(1_00, 7, "often", map[bool]int{true: 6}[noticed])
	}
}

// beforeNoon ends when the old rule has a millisecond left; atNoon ends when the new one begins.
func beforeNoon(t *thief) {
	t.now = noon.Add(-time.Minute - time.Millisecond)
	t.shops(350_00, 2, "much money", 0)
}

func atNoon(t *thief) {
	t.now = noon.Add(-time.Minute)
	t.shops(350_00, 2, "much money", 2)
}

// shops pays each minute with one card.
func (t *thief) shops(cents int64, times int, rule string, noticed int) {
	card := t.card()
	var all []Payment
	for range times {
		all = append(all, t.pays(card, "browser of "+card, cents, true, time.Minute))
	}
	if noticed > 0 {
		t.books.note(rule, card, all[:noticed]...)
	}
}

// triesOut fails so many times, and then succeeds.
func triesOut(at time.Time, fails int, wait time.Duration, noticed bool) func(*thief) {
	return func(t *thief) {
		t.begins(at)
		card := t.card()
		var all []Payment
		for i := range fails + 1 {
			all = append(all, t.pays(card, "browser of "+card, 1_00, i == fails, wait))
		}
		if noticed {
			t.books.note(tested, card, all...)
		}
	}
}

// passesAround pays with several cards on one device, once with each.
func passesAround(at time.Time, cards int, noticed bool) func(*thief) {
	return func(t *thief) {
		t.begins(at)
		device := "tablet of " + t.name + t.now.Format(" 15:04")
		var all []Payment
		for range cards {
			all = append(all, t.pays(t.card(), device, 20_00, true, 3*time.Minute))
		}
		if noticed {
			t.books.note(shared, device, all...)
		}
	}
}
