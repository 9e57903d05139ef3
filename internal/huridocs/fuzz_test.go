package huridocs_test

import (
	"bytes"
	"testing"

	"amana/internal/huridocs"
)

func FuzzRead(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>`))
	f.Add([]byte(`<?xml version="1.0" encoding="UTF-8"?><records><record><field code="101">x</field></record></records>`))
	f.Fuzz(func(_ *testing.T, raw []byte) { _, _ = huridocs.Read(bytes.NewReader(raw)) })
}
