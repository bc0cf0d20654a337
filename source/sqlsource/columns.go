package sqlsource

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/sqldb"
)

// open looks whether the table has the columns, and whether these can be read rightly. What a run that goes on from a checkpoint
// has always read wrongly is only warned of: mended, its offset would mean another place.
func (s *keyed[T]) open(ctx context.Context, logger *slog.Logger, resumed bool) error {
	var columns []sqldb.Column
	err := s.again(ctx, logger, func() (err error) {
		columns, err = sqldb.TableColumns(ctx, s.db, s.dialect, s.table)
		return err
	})
	if err != nil {
		return fmt.Errorf("sqlsource: %s: %w", s, err)
	}
	left := map[string]*sqldb.Field{}
	for i, f := range s.fields {
		left[f.Column] = &s.fields[i]
	}
	types := map[string]string{}
	for _, c := range columns {
		delete(left, c.Name)
		types[c.Name] = c.Type
	}
	if err := sqldb.Without(left, s.fields, s.String(), sqldb.Names(columns)); err != nil {
		return fmt.Errorf("sqlsource: %w", err)
	}
	if s.dialect != sqldb.MySQL {
		return nil
	}
	if err := s.checkKeys(types); err != nil {
		return fmt.Errorf("sqlsource: %s: %w", s, err)
	}
	wrong, err := s.checkTimes(ctx, logger, types)
	switch {
	case err != nil:
		return fmt.Errorf("sqlsource: %s: %w", s, err)
	case wrong != nil && !resumed:
		return fmt.Errorf("sqlsource: %s: %w", s, wrong)
	case wrong != nil && logger != nil:
		logger.Warn("times are not what they seem, and are read as before, for the offset's sake", "source", s.String(), "cause", wrong)
	}
	return nil
}

// checkKeys refuses keys that MySQL orders in another way than it compares them.
func (s *keyed[T]) checkKeys(types map[string]string) error {
	for _, f := range s.keys {
		switch kind := types[f.Column]; {
		case kind == "ENUM" || kind == "SET":
			return fmt.Errorf("column %s cannot be a key: MySQL orders a column of type %s by the places of its members, and compares it by their names", f.Column, kind)
		case f.Zoned && f.IsTime() && !isTemporal(kind):
			return fmt.Errorf("column %s cannot be a key with a zone: it is a %s, and texts are compared; read it as a string", f.Column, kind)
		}
	}
	return nil
}

// checkTimes returns what is wrong with how times are read. It learns how the driver gives them, and so takes them.
func (s *keyed[T]) checkTimes(ctx context.Context, logger *slog.Logger, types map[string]string) (wrong, err error) {
	timed := func(f sqldb.Field) bool { return f.IsTime() && isTemporal(types[f.Column]) }
	if !slices.ContainsFunc(s.fields, timed) {
		return nil, nil
	}
	var session sqldb.Session
	err = s.again(ctx, logger, func() (err error) {
		session, err = sqldb.AskSession(ctx, s.db)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []error
	for i := range s.fields {
		f := &s.fields[i]
		switch moment := types[f.Column] == "TIMESTAMP"; {
		case !timed(*f):
		case moment:
			wrong := session.WrongMoments(f)
			if wrong == nil && slices.Contains(s.names, f.Column) {
				wrong = session.TwiceAnHour(f)
			}
			all = append(all, wrong)
		default:
			all = append(all, session.OtherZone(f))
		}
	}
	for i := range s.keys {
		s.clocks[i] = session.Texts() && timed(s.keys[i])
	}
	return errors.Join(all...), nil
}

// isTemporal reports whether a column of MySQL has days.
func isTemporal(kind string) bool { return kind == "DATE" || kind == "DATETIME" || kind == "TIMESTAMP" }

// handed returns a key as the driver is given it. A time that came as a text goes back as that text: the driver would write
// it by the clock of its own zone.
func (s *keyed[T]) handed(i int, key any) any {
	if at, ok := key.(time.Time); ok && s.clocks[i] {
		return sqldb.WallClock(at, s.keys[i].Zone())
	}
	return key
}
