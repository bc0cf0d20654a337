package main

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// log has the gateways log payments.
func log(dir string, payments []sent) error {
	var all [gateways][]Payment
	for _, p := range payments {
		all[p.gateway] = append(all[p.gateway], p.Payment)
	}
	for i, payments := range all {
		if err := appendLines(filepath.Join(dir, fmt.Sprintf("payments-%d.jsonl", i)), payments); err != nil {
			return err
		}
	}
	return nil
}

// edit adds lines to the file of rules, as a person would with an editor. An edit is made some minutes before it counts, which here are as long
// as it takes to come to all who judge, and a moment for them to note it.
func (s *service) edit(dir string, edits []Edit) error {
	if err := appendLines(rulesIn(dir), edits); err != nil {
		return err
	}
	err := s.edited(len(edits))
	time.Sleep(patience)
	return err
}

// appendLines adds lines of JSON to a file.
func appendLines[T any](name string, values []T) error {
	var lines []byte
	for _, v := range values {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(lines); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
