package codec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// buildError returns what the error of a format says behind the name of its type.
func buildError[T any](format string) string {
	try := codec.TryNginxLog[T]
	if strings.Contains(format, "%") {
		try = codec.TryApacheLog[T]
	}
	_, err := try(format)
	if err == nil {
		return ""
	}
	_, message, _ := strings.Cut(err.Error(), "codec_test.")
	_, message, _ = strings.Cut(message, ": ")
	return message
}

func TestLogBuildErrors(t *testing.T) {
	type status struct {
		Status int `log:"status"`
	}
	type two struct {
		A int    `log:"status"`
		B string `log:"%>s"`
	}
	type parts struct {
		A string `log:"request_method"`
		B string `log:"request_method"`
	}
	type list struct {
		A []string `log:"status"`
	}
	type when struct {
		A time.Time `log:"status"`
	}
	type took struct {
		A time.Duration `log:"status"`
	}
	type unit struct {
		A time.Duration `log:"status" unit:"min"`
	}
	type laidOut struct {
		A int `log:"status" layout:"x"`
	}
	type channel struct {
		A chan int `log:"status"`
	}
	type hidden struct {
		a int `log:"status"`
	}
	_ = hidden{}.a
	type request struct {
		URI string `log:"request_uri"`
	}
	type seconds struct {
		A float64 `log:"request_time"`
	}
	type none struct{ A int }
	for got, want := range map[string]string{
		buildError[status](`$remote_addr $request`):      "field Status wants $status, which the format has not; it has $remote_addr, $request",
		buildError[two](`%h %>s`):                        "the fields A and B both want %>s; copy one into the other behind the decoder",
		buildError[parts](`$request`):                    "the fields A and B both want $request_method; copy one into the other behind the decoder",
		buildError[request](`$status`):                   "field URI wants $request_uri, which the format has not; it has $status",
		buildError[status](`$status$body_bytes_sent`):    "nothing stands between $status and $body_bytes_sent, so that they cannot be told apart; put a space there, or let no field want them",
		buildError[status](`$scheme$host $status`):       "",
		buildError[status](`$a $ $status`):               "at byte 3 of the format: a $ with no name of a variable behind it",
		buildError[status](`${status`):                   "at byte 0 of the format: a $ with no name of a variable behind it",
		buildError[status](`%h %Y`):                      "%Y is no directive that is known",
		buildError[status](`%h %`):                       "at byte 3 of the format: %: a % with no directive behind it",
		buildError[status](`%h %{x`):                     "at byte 3 of the format: %{x: the brace is not closed",
		buildError[status](`%{min}T`):                    "%{min}T: the unit is not s, ms or us",
		buildError[status](`%{%s}t %s`):                  "%{%s}t: %s has no equal in a layout of time.Parse",
		buildError[status]("log_format"):                 "field Status wants $status, which the format has not; it has ",
		buildError[status]("log_format x ;"):             "the directive log_format has no format",
		buildError[status]("log_format x escape=xml $a"): "escape=xml is not default, json or none",
		buildError[status]("$status\n$a"):                "the format has a line end: a record is one line",
		buildError[list]("$status"):                      "field A of $status: it has one value, and a slice is for the upstream variables, which may have several",
		buildError[when]("$status"):                      `field A of $status: it is no time; a tag such as layout:"2006-01-02 15:04:05" says how one stands in it`,
		buildError[took]("$status"):                      `field A of $status: it is no duration; a tag unit:"ms" says in which unit it is one`,
		buildError[unit]("$status"):                      `field A of $status: the unit "min" is not s, ms, us or ns`,
		buildError[laidOut]("$status"):                   "field A of $status: a layout is for a time.Time, and not for int",
		buildError[channel]("$status"):                   "field A of $status: no variable fits chan int",
		buildError[hidden]("$status"):                    "field a has a tag log but is not exported",
		buildError[seconds]("%D"):                        "field A of %D: under nginx's name it is in other units, which only a time.Duration knows",
		buildError[none]("$status"):                      "no field with a tag log",
	} {
		require.Equal(t, want, got)
	}
	require.Panics(t, func() { codec.NginxLog[none]("$status") })
	require.Panics(t, func() { codec.ApacheLog[int]("%s") })
}
