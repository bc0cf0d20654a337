//go:build !linux

package main

func newAlarm() (alarm, error) { return newTimerAlarm() }
