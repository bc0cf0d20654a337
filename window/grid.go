package window

import "time"

// past returns how far t is past the last point of a grid with the given
// period and a point at offset.
func past(t Time, period, offset time.Duration) time.Duration {
	// Both terms lie in [0, period), so that their difference cannot overflow,
	// however long the period is.
	r := mod(time.Duration(t), period) - mod(offset, period)
	if r < 0 {
		r += period
	}
	return r
}

// mod returns d modulo period, rounded down: it is in [0, period).
func mod(d, period time.Duration) time.Duration {
	if d %= period; d < 0 {
		d += period
	}
	return d
}

func gcd(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
