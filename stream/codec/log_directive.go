package codec

import (
	"errors"
	"fmt"
	"strings"
)

// nginxDirective takes the format out of a directive of nginx.conf. A text that
// is no directive is the format itself.
//
//	log_format name [escape=default|json|none] 'text' "text" …;
func nginxDirective(text string) (format string, e escaping, err error) {
	words, isDirective := directiveWords(text, "log_format", nginxQuoted)
	if !isDirective {
		return text, escapeHex, nil
	}
	if n := len(words) - 1; n >= 0 {
		words[n] = strings.TrimSuffix(words[n], ";")
	}
	if len(words) > 0 {
		words = words[1:] // the name
	}
	if len(words) > 0 && strings.HasPrefix(words[0], "escape=") {
		switch words[0] {
		case "escape=default":
		case "escape=json":
			e = escapeJSON
		case "escape=none":
			e = escapeNone
		default:
			return "", 0, fmt.Errorf("%s is not default, json or none", words[0])
		}
		words = words[1:]
	}
	if format = strings.Join(words, ""); format == "" {
		return "", 0, errors.New("the directive log_format has no format")
	}
	return format, e, nil
}

// apacheDirective takes the format out of a directive of httpd.conf. Its escapes
// are left in.
//
//	LogFormat "text" [name]
func apacheDirective(text string) (string, error) {
	words, isDirective := directiveWords(text, "LogFormat", func(s string) string { return s })
	switch {
	case !isDirective:
		return text, nil
	case len(words) == 0 || words[0] == "":
		return "", errors.New("the directive LogFormat has no format")
	}
	return words[0], nil
}

// directiveWords returns the words of a directive but its name: what stands in
// quotes, as unquote has it, or up to a space.
func directiveWords(text, name string, unquote func(string) string) (words []string, isDirective bool) {
	rest := strings.TrimSpace(text)
	if len(rest) <= len(name) || !strings.EqualFold(rest[:len(name)], name) || !strings.ContainsRune(" \t\r\n", rune(rest[len(name)])) {
		return nil, false
	}
	for rest = strings.TrimSpace(rest[len(name):]); rest != ""; rest = strings.TrimLeft(rest, " \t\r\n") {
		quote := rest[0]
		if quote != '"' && quote != '\'' {
			end := strings.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			words = append(words, rest[:end])
			rest = rest[end:]
			continue
		}
		end := 1
		for ; end < len(rest) && rest[end] != quote; end++ {
			if rest[end] == '\\' {
				end++
			}
		}
		end = min(end, len(rest))
		words = append(words, unquote(rest[1:end]))
		rest = strings.TrimPrefix(rest[min(end+1, len(rest)):], ";")
	}
	return words, true
}

var nginxQuotes = strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")

func nginxQuoted(s string) string { return nginxQuotes.Replace(s) }
