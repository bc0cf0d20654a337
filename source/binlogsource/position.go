package binlogsource

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/google/uuid"
)

// A position is a set of transactions: those that lie before a place in the log.
type position interface {
	fmt.Stringer
	// has reports whether a transaction is in the set.
	has(tx txID) bool
	// covers reports whether all of other, which is of the same kind, is in the set.
	covers(other position) bool
	// with returns the set with one more transaction. The receiver is not to be used any more.
	with(tx txID) position
	clone() position
}

// A txID names a transaction.
type txID struct {
	domain, server uint32    // of MariaDB
	source         uuid.UUID // of MySQL
	tag            mysql.Tag
	number         uint64
	file           string // where there are no GTIDs, the place behind the transaction
	pos            uint64
}

// parsePosition reads what String has written.
func parsePosition(kind, text string) (position, error) {
	switch kind {
	case "mariadb":
		return parseMaria(text)
	case "mysql":
		set, err := mysql.ParseMysqlGTIDSet(text)
		if err != nil {
			return nil, err
		}
		return mysqlPosition{set.(*mysql.MysqlGTIDSet)}, nil
	case "file":
		file, pos, ok := strings.Cut(text, ":")
		n, err := strconv.ParseUint(pos, 10, 32)
		if !ok || err != nil || file == "" {
			return nil, fmt.Errorf("%q is no place in a log", text)
		}
		return filePosition{file, n}, nil
	}
	return nil, fmt.Errorf("%q is no kind of position", kind)
}

// A mariaPosition is the last transaction of each domain.
type mariaPosition map[uint32]mariaGTID

type mariaGTID struct {
	server uint32
	number uint64
}

func parseMaria(text string) (position, error) {
	p := mariaPosition{}
	for one := range strings.SplitSeq(text, ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		var domain, server uint32
		var number uint64
		if n, err := fmt.Sscanf(one, "%d-%d-%d", &domain, &server, &number); n != 3 || err != nil {
			return nil, fmt.Errorf("%q is no GTID", one)
		}
		if number >= p[domain].number {
			p[domain] = mariaGTID{server, number}
		}
	}
	return p, nil
}

func (p mariaPosition) String() string {
	var text []string
	for _, domain := range slices.Sorted(maps.Keys(p)) {
		text = append(text, fmt.Sprintf("%d-%d-%d", domain, p[domain].server, p[domain].number))
	}
	return strings.Join(text, ",")
}

func (p mariaPosition) has(tx txID) bool { return p[tx.domain].number >= tx.number }

func (p mariaPosition) covers(other position) bool {
	for domain, gtid := range other.(mariaPosition) {
		if p[domain].number < gtid.number {
			return false
		}
	}
	return true
}

func (p mariaPosition) with(tx txID) position {
	p[tx.domain] = mariaGTID{tx.server, tx.number}
	return p
}

func (p mariaPosition) clone() position { return maps.Clone(p) }

// A mysqlPosition is a set of MySQL's GTIDs.
type mysqlPosition struct{ set *mysql.MysqlGTIDSet }

func (p mysqlPosition) String() string { return p.set.String() }

func (p mysqlPosition) has(tx txID) bool {
	one := mysql.NewMysqlGTIDSet()
	one.AddGTIDWithTag(tx.source, tx.tag, int64(tx.number))
	return p.set.Contain(&one)
}

func (p mysqlPosition) covers(other position) bool { return p.set.Contain(other.(mysqlPosition).set) }

func (p mysqlPosition) with(tx txID) position {
	p.set.AddGTIDWithTag(tx.source, tx.tag, int64(tx.number))
	return p
}

func (p mysqlPosition) clone() position {
	return mysqlPosition{p.set.Clone().(*mysql.MysqlGTIDSet)}
}

// A filePosition is a place in the log of one server.
type filePosition struct {
	file string
	pos  uint64
}

func (p filePosition) String() string { return p.file + ":" + strconv.FormatUint(p.pos, 10) }

func (p filePosition) compare(file string, pos uint64) int {
	return cmp.Or(cmp.Compare(len(p.file), len(file)), strings.Compare(p.file, file), cmp.Compare(p.pos, pos))
}

func (p filePosition) has(tx txID) bool { return p.compare(tx.file, tx.pos) >= 0 }

func (p filePosition) covers(other position) bool {
	o := other.(filePosition)
	return p.compare(o.file, o.pos) >= 0
}

func (p filePosition) with(tx txID) position { return filePosition{tx.file, tx.pos} }
func (p filePosition) clone() position       { return p }
