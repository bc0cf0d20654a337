package syslogsource

import (
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option changes how messages are read.
type Option func(*config)

type config struct {
	zone  *time.Location
	ahead time.Duration
	plain bool
}

func configure(opts []Option) *config {
	c := &config{zone: time.UTC, ahead: 183 * 24 * time.Hour}
	option.Apply("syslogsource", c, opts)
	return c
}

// Zone sets the time zone of times that name none, which are those of RFC 3164. The default is UTC; a sender
// writes them in its own zone, and where senders are in several they have to write times
// of RFC 3339. It panics if zone is nil.
func Zone(zone *time.Location) Option {
	if zone == nil {
		panic("syslogsource: Zone: the Location is nil")
	}
	return func(c *config) { c.zone = zone }
}

// Ahead sets how far a sender's clock may be ahead of the run's. A time without a year, as
// RFC 3164 has it, is of the latest year that does not bring it further ahead than that. The default is 183
// days, which takes the year that brings the time nearest to the run's clock; with an hour, messages may
// have waited for nearly a year. It panics if d is negative.
func Ahead(d time.Duration) Option {
	if d < 0 {
		panic("syslogsource: Ahead: the duration is negative")
	}
	return func(c *config) { c.ahead = d }
}

// PlainText has what is no syslog read as a message of facility user and severity notice, with all of
// it in Text: what has no priority, or calls itself RFC 5424 and is not (its priority is kept then). The default is to reject
// it, and what becomes of it is for the pipeline to say.
func PlainText() Option { return func(c *config) { c.plain = true } }
