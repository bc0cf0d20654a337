package kafkasource

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A place is where a partition is gone on with.
type place struct {
	offset int64    // of the next record
	epoch  int32    // of the leader that wrote the record before; -1 if unknown
	id     [16]byte // of the topic; zero if the brokers have none
	token  string   // by which a member of a group knows its own commits
}

// String is what checkpoints hold. Others see the offset.
func (p place) String() string {
	return strconv.FormatInt(p.offset, 10) + "\x00" + p.tag()
}

// tag is the rest of a place. It stands beside commits to a group, too.
func (p place) tag() string {
	return fmt.Sprintf("%d %s %s", p.epoch, hex.EncodeToString(p.id[:]), p.token)
}

func parsePlace(text string) (p place, err error) {
	offset, tag, ok := strings.Cut(text, "\x00")
	if p.offset, err = strconv.ParseInt(offset, 10, 64); err != nil || !ok || p.offset < 0 {
		return p, fmt.Errorf("%q is no place in a partition", text)
	}
	at := p.offset
	p, ok = parseTag(tag)
	p.offset = at
	if !ok {
		return p, fmt.Errorf("%q is no place in a partition", text)
	}
	return p, nil
}

// parseTag reads a tag, and reports false if it is none: others commit to groups as well.
func parseTag(tag string) (p place, ok bool) {
	words := strings.Split(tag, " ")
	if len(words) != 3 {
		return p, false
	}
	epoch, err := strconv.ParseInt(words[0], 10, 32)
	if err != nil || len(words[1]) != 2*len(p.id) {
		return p, false
	}
	if _, err := hex.Decode(p.id[:], []byte(words[1])); err != nil {
		return p, false
	}
	p.epoch, p.token = int32(epoch), words[2]
	return p, true
}

// kgo is the place as the client has it.
func (p place) kgo() kgo.Offset { return kgo.NewOffset().At(p.offset).WithEpoch(p.epoch) }

// nameOf names a partition as Kafka does.
func nameOf(topic string, number int32) string { return topic + "-" + strconv.Itoa(int(number)) }

// topicOf is the inverse of nameOf.
func topicOf(name string) (topic string, number int32, err error) {
	i := strings.LastIndexByte(name, '-')
	n, err := strconv.ParseInt(name[i+1:], 10, 32)
	if i <= 0 || err != nil {
		return "", 0, fmt.Errorf("%q is not the name of a partition", name)
	}
	return name[:i], int32(n), nil
}
