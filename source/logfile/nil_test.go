package logfile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestMistakes(t *testing.T) {
	for message, f := range map[string]func(){
		`logfile: Follow("a.log"): the format is nil`:                                      func() { logfile.Follow[string]("a.log", nil) },
		`logfile: Follow("a.log"): option 2 is nil`:                                        func() { logfile.Follow("a.log", codec.Lines(), logfile.FromEnd(), nil) },
		`logfile: Follow("logs/[.log"): the pattern is malformed: syntax error in pattern`: func() { logfile.Follow("logs/[.log", codec.Lines()) },
		`logfile: Follow(""): the pattern is empty, or a directory`:                        func() { logfile.Follow("", codec.Lines()) },
		`logfile: Poll(0s): want a positive duration`:                                      func() { logfile.Poll(0) },
		`logfile: RotateWait(-1ns): want a positive duration`:                              func() { logfile.RotateWait(-1) },
		`logfile: FlushAfter(0s): want a positive duration`:                                func() { logfile.FlushAfter(0) },
		`logfile: OpenFiles(0): want a positive number`:                                    func() { logfile.OpenFiles(0) },
		`logfile: MaxLine(0): want a positive number`:                                      func() { logfile.MaxLine(0) },
		`logfile: Rotated(nil)`:                                                            func() { logfile.Rotated(nil) },
	} {
		assert.PanicsWithValue(t, message, f)
	}
}
