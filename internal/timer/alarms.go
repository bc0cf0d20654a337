package timer

// Alarms gives numbers by due time, earliest first, and those of one time in
// ascending order. It is a Queue for those who find what is due by a number of
// their own. The zero Alarms is empty.
type Alarms struct{ calendar calendar }

// An Alarm is a number that is due.
type Alarm struct {
	Due int64
	ID  uint32
}

// Push adds an alarm.
func (a *Alarms) Push(due int64, id uint32) {
	a.calendar.push(entry{due: due, seq: uint64(id), slot: id})
}

// PopDue appends the alarms that are due by a time to alarms, in order, but no
// more than limit of them, and removes them.
func (a *Alarms) PopDue(by int64, limit int, alarms []Alarm) []Alarm {
	for {
		due := a.calendar.popDue(by, limit)
		if len(due) == 0 {
			return alarms
		}
		for i := len(due) - 1; i >= 0; i-- {
			alarms = append(alarms, Alarm{due[i].due, due[i].slot})
		}
		limit -= len(due)
	}
}
