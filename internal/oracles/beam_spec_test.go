package oracles_test

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/window"
)

// specs returns the windowing of a transcript in every way in which it can be
// said here, as they run on different stores: fixed windows are tumbling ones,
// sliding ones that slide by their size, and cumulating ones of one step; and
// the end of the window is the stamp by default, or when asked for. A unit of
// time is a nanosecond, so that the last moment of a window is the same number
// as in Beam.
func (doc transcript) specs() (all []window.Spec, err error) {
	opts, err := doc.options()
	if err != nil {
		return nil, err
	}
	stamps, err := doc.stamps()
	if err != nil {
		return nil, err
	}
	name, args, err := parseCall(cmp.Or(doc.WindowFn, doc.Misspelt, "GlobalWindows"))
	if err != nil {
		return nil, err
	}
	for _, stamp := range stamps {
		opts := append(opts[:len(opts):len(opts)], stamp...)
		switch {
		case name == "FixedWindows" || name == "CustomTimestampingFixedWindowsWindowFn":
			size := time.Duration(args["0"])
			all = append(all, window.Tumbling(size, opts...), window.Sliding(size, size, opts...), window.Cumulating(size, size, opts...))
		case name == "Sessions":
			all = append(all, window.Session(time.Duration(args["0"]), opts...))
		case name == "GlobalWindows":
			all = append(all, window.Global(opts...))
		default:
			return nil, fmt.Errorf("unknown window_fn %s", name)
		}
	}
	return all, nil
}

// options translates trigger_fn, accumulation_mode and allowed_lateness.
//
// AfterCount of Beam looks at its count when a bundle has been taken in, and
// here every event is looked at: an input that exceeds a count gives a pane
// that holds it all there, and one that holds the count here. No pane of the
// transcripts whose values are given is such a one.
func (doc transcript) options() (opts []window.Option, err error) {
	name, args, err := parseCall(cmp.Or(doc.TriggerFn, "Default"))
	if err != nil {
		return nil, err
	}
	early, late := args["early"], args["late"]
	switch {
	case name == "Default":
	case name == "AfterCount":
		opts = append(opts, window.Once(args["0"]))
	case name == "AfterWatermark" && late == 0 && doc.Lateness > 0:
		return nil, fmt.Errorf("%s gives no late panes: not expressible but by a lateness of 0", doc.TriggerFn)
	case name == "AfterWatermark":
		if early > 0 {
			opts = append(opts, window.EarlyCount(early))
		}
		if late > 0 && (late == 1 || doc.Lateness > 0) {
			opts = append(opts, window.LateCount(late))
		}
	default:
		return nil, fmt.Errorf("unknown trigger_fn %s", name)
	}
	switch mode := strings.ToLower(cmp.Or(doc.Mode, "accumulating")); mode {
	case "accumulating":
	case "discarding":
		if name != "AfterCount" && (doc.Lateness > 0 || early > 0) { // else each window has one pane
			opts = append(opts, window.Discarding())
		}
	default:
		return nil, fmt.Errorf("unknown accumulation_mode %s", mode)
	}
	if doc.Lateness > 0 {
		opts = append(opts, window.Lateness(time.Duration(doc.Lateness)))
	}
	return opts, nil
}

// stamps translates timestamp_combiner: each way to say it is a list of options.
func (doc transcript) stamps() ([][]window.Option, error) {
	switch combiner := cmp.Or(doc.Combiner, "OUTPUT_AT_EOW"); combiner {
	case "OUTPUT_AT_EOW":
		return [][]window.Option{nil, {window.Stamp(window.EndOfWindow)}}, nil
	case "OUTPUT_AT_EARLIEST":
		return [][]window.Option{{window.Stamp(window.Earliest)}}, nil
	case "OUTPUT_AT_LATEST":
		return [][]window.Option{{window.Stamp(window.Latest)}}, nil
	case "OUTPUT_AT_EARLIEST_TRANSFORMED":
		shift := time.Duration(0)
		if strings.HasPrefix(doc.WindowFn, "CustomTimestamping") {
			shift = 100 // what Beam's test adds, in get_transformed_output_time
		}
		transformed := func(_ window.Window, first, _ window.Time) window.Time { return first.Add(shift) }
		return [][]window.Option{{window.Stamp(transformed)}}, nil
	default:
		return nil, fmt.Errorf("unknown timestamp_combiner %s", combiner)
	}
}

var (
	callForm = regexp.MustCompile(`^(\w+)(?:\((.*)\))?$`)
	argForm  = regexp.MustCompile(`^(?:(\w+)=)?(?:AfterCount\((\d+)\)|(\d+))$`)
)

// parseCall reads a call in Python of numbers: a positional one goes by its
// place, "0". AfterCount(n) counts as the number n where it is an argument.
func parseCall(text string) (name string, args map[string]int, err error) {
	call := callForm.FindStringSubmatch(text)
	if call == nil {
		return "", nil, fmt.Errorf("not a call: %q", text)
	}
	args = map[string]int{}
	for i, arg := range strings.Split(call[2], ",") {
		if call[2] == "" {
			break
		}
		m := argForm.FindStringSubmatch(strings.TrimSpace(arg))
		if m == nil {
			return "", nil, fmt.Errorf("argument %q of %q not understood", arg, text)
		}
		if args[cmp.Or(m[1], strconv.Itoa(i))], err = strconv.Atoi(m[2] + m[3]); err != nil {
			return "", nil, err
		}
	}
	return call[1], args, nil
}
