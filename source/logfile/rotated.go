package logfile

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// A rotation is what the name of a rotated file says.
type rotation struct {
	log   string // the name of the log
	stamp []int  // the number, or the parts of the date
	date  bool
	sorts bool // the date is in order by its numbers
	sure  bool // no log of its own is named so
}

// Names are those that rotators give: a number or a date behind the name of
// the log, or before its extension.
var (
	stampBehind = regexp.MustCompile(`^\d[-\d._:T+]*Z?$`)
	stampInside = regexp.MustCompile(`^(\d[-\d._:T+]*?Z?)(\.[^.\d][^.]*)$`)
	digits      = regexp.MustCompile(`\d+`)
)

// mostNumber is how many digits the number of a rotation has at most. What
// has more of them is a date.
const mostNumber = 5

// rotationsOf returns what a name may say: that of "access.log.2.gz",
// "access.log-20261128", "access.1.log" and "access-20261128.log" is a rotated file of
// "access.log". Where it can be taken apart in several ways, each is returned:
// "a.2026-11-28.3" may be of "a", or of "a.2026-11-28".
func rotationsOf(name string) (all []rotation) {
	if slices.Contains(otherCompressions, strings.ToLower(filepath.Ext(name))) {
		return nil
	}
	name = strings.TrimSuffix(name, decompress.Extension(name))
	for at := 1; at < len(name)-1; at++ {
		if c := name[at]; c != '.' && c != '-' && c != '_' || name[at+1] < '0' || name[at+1] > '9' {
			continue
		}
		log, sep, rest := name[:at], name[at], name[at+1:]
		if stampBehind.MatchString(rest) {
			all = appendRotation(all, log, rest, sep, true)
		} else if m := stampInside.FindStringSubmatch(rest); m != nil {
			all = appendRotation(all, log+m[2], m[1], sep, false)
		}
	}
	return all
}

func appendRotation(all []rotation, log, stamp string, sep byte, behind bool) []rotation {
	r := rotation{log: log}
	count := 0
	parts := digits.FindAllString(stamp, -1)
	for _, d := range parts {
		n, err := strconv.Atoi(d)
		if err != nil {
			return all
		}
		r.stamp = append(r.stamp, n)
		count += len(d)
	}
	r.date = count > mostNumber
	if !r.date && (len(r.stamp) != 1 || sep != '.') {
		return all // worker-2.log is no worker.log
	}
	r.sure, r.sorts = !r.date && behind, r.date && yearFirst(parts[0])
	return append(all, r)
}

// rotationOf returns what the name of a file says if it is one of log.
func rotationOf(log, name string) (rotation, bool) {
	if !strings.HasPrefix(name, strings.TrimSuffix(log, filepath.Ext(log))) {
		return rotation{}, false
	}
	for _, r := range rotationsOf(name) {
		if r.log == log {
			return r, true
		}
	}
	return rotation{}, false
}

// inOrder puts the rotated files of a log in order, the oldest first: by the dates
// in their names if all have one that begins with the year, by their numbers if all have one, and
// otherwise by when they were last written to. A file that was rotated may be written
// to for a while, and compression may touch it, so times are asked last. Numbers
// mostly ascend with age, but not with every rotator: if the times of three files or more all say
// otherwise, they do not.
func inOrder(files []*file) {
	dates, numbers := true, true
	for _, f := range files {
		dates = dates && f.rotation.sorts && sameShape(f.rotation.stamp, files[0].rotation.stamp)
		numbers = numbers && !f.rotation.date && len(f.rotation.stamp) == 1
	}
	byTime := func(a, b *file) int { return a.mtime.Compare(b.mtime) }
	byStamp := func(a, b *file) int { return slices.Compare(a.rotation.stamp, b.rotation.stamp) }
	byName := func(a, b *file) int { return strings.Compare(a.path, b.path) }
	then := func(a, b *file, by ...func(a, b *file) int) int {
		for _, f := range by {
			if c := f(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
	switch {
	case dates:
		slices.SortFunc(files, func(a, b *file) int { return then(a, b, byStamp, byTime, byName) })
	case numbers:
		slices.SortFunc(files, func(a, b *file) int { return then(b, a, byStamp, byName) })
		// Of two files the older one may have been written to last, by who was not told.
		ascending := len(files) > 2
		for i := range len(files) - 1 {
			ascending = ascending && byTime(files[i], files[i+1]) > 0
		}
		if ascending { // the higher the number, the younger the file
			slices.Reverse(files)
		}
	default:
		slices.SortFunc(files, func(a, b *file) int { return then(a, b, byTime, byName) })
	}
}

// yearFirst reports whether a date that begins with these digits begins with its year (2026-11-28, 20261128101500), or is a time since
// 1970: such dates are in order by their numbers, and others (28-11-2026, 112826) are not.
func yearFirst(digits string) bool {
	switch len(digits) {
	case 10, 13:
		if digits[0] == '1' {
			return true // seconds until 2033, or milliseconds
		}
	case 4, 6, 8, 12, 14:
	default:
		return false
	}
	if digits[:2] < "19" || digits[:2] > "21" {
		return false
	}
	return len(digits) == 4 || digits[4:6] <= "12" // 28112026 is no day of the year 2811, nor 20112026 of 2011
}

// sameShape reports whether two dates are written alike, as far as both go.
func sameShape(a, b []int) bool {
	return len(a) > 0 && len(b) > 0 && len(strconv.Itoa(a[0])) == len(strconv.Itoa(b[0]))
}
