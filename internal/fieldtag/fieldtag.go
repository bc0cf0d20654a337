// Package fieldtag looks at the tags of struct fields that say how somebody's data is kept from others. Where reflect finds no tag in
// a text that was meant to have one, a field would be taken for one that is free for all.
package fieldtag

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Missed returns an error where a tag has the word key in it, and is not written as reflect reads tags, name:"value" and spaces
// between: reflect may pass over key then, without a word. A nil error says that StructTag.Lookup is to be believed.
func Missed(tag reflect.StructTag, key string) error {
	if strings.Contains(strings.ToLower(string(tag)), key) && !conventional(string(tag), key) {
		return fmt.Errorf("the tag %s is not written as name:\"value\" with a space between two: whether it means %s is not clear", strconv.Quote(string(tag)), key)
	}
	return nil
}

// conventional reports whether a tag is pairs of a name and a quoted value, none of whose names is nearly key.
func conventional(tag, key string) bool {
	for first := true; ; first = false {
		rest := strings.TrimLeft(tag, " ")
		if rest == "" {
			return true
		}
		if !first && rest == tag { // no space between
			return false
		}
		name, value, ok := strings.Cut(rest, ":")
		if !ok || name == "" || strings.ContainsFunc(name, unusual) || name != key && strings.EqualFold(name, key) {
			return false
		}
		quoted, err := strconv.QuotedPrefix(value)
		if err != nil || quoted[0] != '"' {
			return false
		}
		tag = value[len(quoted):]
	}
}

// unusual reports whether a rune is none of those that names of tags consist of.
func unusual(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-./", r)
}
