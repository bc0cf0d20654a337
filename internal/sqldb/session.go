package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Two moments between which all zones that have summer time change to it.
var winter, summer = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// A Session is how a session of MySQL and its driver have times. A DATETIME is a clock on some wall, and the driver says
// which: it gives a text (of go-sql-driver/mysql, without parseTime), or a time of its own zone (loc). A TIMESTAMP is a moment, which
// the server shows as the clock of the session's time_zone.
type Session struct {
	clocks  [2]any // what the driver makes of midnight, in winter and in summer
	moments [2]any // of winter and summer as the session shows them
}

// AskSession asks for a Session.
func AskSession(ctx context.Context, db *sql.DB) (s Session, err error) {
	ctx, cancel, err := Unhurried(ctx)
	if err != nil {
		return s, err
	}
	defer cancel()
	// With FROM_UNIXTIME times go through the session's zone as a TIMESTAMP does.
	const query = "SELECT CAST('2026-01-01 00:00:00' AS DATETIME), CAST('2026-07-01 00:00:00' AS DATETIME), FROM_UNIXTIME(1767225600), FROM_UNIXTIME(1782864000)"
	err = db.QueryRowContext(ctx, query).Scan(&s.clocks[0], &s.clocks[1], &s.moments[0], &s.moments[1])
	return s, err
}

// Texts reports whether the driver gives times as texts.
func (s Session) Texts() bool {
	_, isTime := s.clocks[0].(time.Time)
	return !isTime
}

// OtherZone returns an error where a field's tag says a zone, and the driver takes a DATETIME to be of another.
func (s Session) OtherZone(f *Field) error {
	if !f.Zoned || s.Texts() {
		return nil
	}
	for i, midnight := range []time.Time{winter, summer} {
		y, m, d := midnight.Date()
		if got := s.clocks[i].(time.Time); !got.Equal(time.Date(y, m, d, 0, 0, 0, 0, f.zone)) {
			return fmt.Errorf("column %s has no zone: the tag of field %s says %v, and the driver takes it to be of %v: with parseTime=true, put the same zone in the DSN as its loc",
				f.Column, f.Name, f.zone, got.Location())
		}
	}
	return nil
}

const utcSession = "put time_zone=%27%2B00%3A00%27 in the DSN, and no loc"

// WrongMoments returns an error where a TIMESTAMP would come into the field as another moment.
func (s Session) WrongMoments(f *Field) error {
	for i, moment := range []time.Time{winter, summer} {
		got, err := toTime(s.moments[i], f.zone)
		if err == nil && !got.Equal(moment) {
			err = fmt.Errorf("column %s is a TIMESTAMP, which the server shows by the clock of the session's time_zone, and that is read as another zone's: %v would be %v: %s",
				f.Column, moment, got, utcSession)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TwiceAnHour returns an error where the session's clock is put back in autumn: times of an hour come twice, and who goes on behind
// one of them leaves rows out, or has them again.
func (s Session) TwiceAnHour(f *Field) error {
	var clocks [2]time.Time
	for i := range clocks {
		if at, isTime := s.moments[i].(time.Time); isTime {
			_, east := at.Zone()
			clocks[i] = at.UTC().Add(time.Duration(east) * time.Second)
		} else if at, err := toTime(s.moments[i], time.UTC); err != nil {
			return err
		} else {
			clocks[i] = at
		}
	}
	if clocks[1].Sub(clocks[0]) != summer.Sub(winter) {
		return fmt.Errorf("column %s is a TIMESTAMP and a key, and the session's time_zone has summer time: in autumn an hour comes twice, and rows of it would be left out or come twice: %s", f.Column, utcSession)
	}
	return nil
}

// WrittenMoments returns what is wrong where the driver writes a moment into a TIMESTAMP, which becomes another one.
func WrittenMoments(ctx context.Context, db *sql.DB) (wrong, err error) {
	ctx, cancel, err := Unhurried(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	var seconds [2]float64
	if err := db.QueryRowContext(ctx, "SELECT UNIX_TIMESTAMP(?), UNIX_TIMESTAMP(?)", winter, summer).Scan(&seconds[0], &seconds[1]); err != nil {
		return nil, err
	}
	for i, moment := range []time.Time{winter, summer} {
		if got := time.Unix(int64(seconds[i]), 0).UTC(); !got.Equal(moment) {
			return fmt.Errorf("a TIMESTAMP is written by the clock of the driver's zone, and the session's time_zone is another: %v becomes %v: %s", moment, got, utcSession), nil
		}
	}
	return nil, nil
}

// WallClock returns a time as MySQL writes one that has no zone, in a zone.
func WallClock(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2006-01-02 15:04:05.999999999")
}
