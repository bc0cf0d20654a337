// Package origin finds out whose code a panic comes from.
package origin

import (
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
)

// OfPanic returns the file and line of the caller's code that the panic comes
// from which is being recovered: of the program's own module, or else of one
// that it uses. Between it and the panic there may be code of the standard
// library and of this one: of aggregators, say.
func OfPanic() (where string) {
	pcs := make([]uintptr, 128)
	pcs = pcs[:runtime.Callers(2, pcs)]
	frames := framesOf(pcs)
	begin := 0
	for i, f := range frames { // the innermost: others have passed on what it began
		if f.Function == "runtime.gopanic" {
			begin = i + 1
		}
	}
	for _, f := range frames[begin:] {
		if ours, ok := strings.CutPrefix(f.Function, engine); ok && (strings.HasPrefix(ours, "(*task)") || strings.HasPrefix(ours, "(*driver)")) {
			break // who drives the task has not called it
		}
		main, other := origin(f)
		if where == "" && other || main {
			where = f.File + ":" + strconv.Itoa(f.Line)
		}
		if main {
			break
		}
	}
	return where
}

func framesOf(pcs []uintptr) (all []runtime.Frame) {
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		all = append(all, f)
		if !more {
			return all
		}
	}
}

type here struct{}

// library begins the names of all functions of this library, and engine those of who drives tasks.
var (
	library = strings.TrimSuffix(reflect.TypeFor[here]().PkgPath(), "internal/origin")
	engine  = library + "internal/engine."
)

func isTest(f runtime.Frame) bool { return strings.HasSuffix(f.File, "_test.go") }

// origin reports whether f is of the program's own module, and whether it is
// of any but the standard library and this one.
func origin(f runtime.Frame) (main, other bool) {
	if isTest(f) || strings.HasPrefix(f.Function, "main.") {
		return true, true
	}
	for _, folder := range []string{"window", "stream", "sink", "source", "internal/"} {
		if strings.HasPrefix(f.Function, library+folder) {
			return false, false
		}
	}
	if rest, ok := strings.CutPrefix(f.Function, mainModule()); ok && rest != "" && strings.Contains("./", rest[:1]) {
		return true, true
	}
	host, _, _ := strings.Cut(f.Function, "/")
	return false, strings.Contains(host, ".") && strings.Contains(f.Function, "/")
}

// mainModule is the path of the module that the program is of, which may look
// like a package of the standard library.
var mainModule = sync.OnceValue(func() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		return info.Main.Path
	}
	return "main" // unknown
})
