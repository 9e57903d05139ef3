package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// label is the version that a release is built with; -ldflags sets it.
var label = "unreleased"

type versionAnswer struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	System   string `json:"system"`
}

func (p *program) versionCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:         "version",
		Short:       "Say which amana this is",
		Args:        exactly(),
		Annotations: canExit(),
		RunE: func(*cobra.Command, []string) error {
			v := thisVersion()
			if asJSON {
				return p.console.printJSON(v)
			}
			p.console.printf("amana %s (%s, %s, %s)\n", v.Version, v.Revision, v.Go, v.System)
			return nil
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func thisVersion() versionAnswer {
	v := versionAnswer{
		Version:  label,
		Revision: "unknown revision",
		Go:       runtime.Version(),
		System:   runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}

func jsonFlag(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "answer as one JSON object")
}
