package bench

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
)

// describe says what the figures were measured on.
func describe() string {
	cpu := after("/proc/cpuinfo", "model name")
	if cpu == "" {
		cpu = runtime.GOARCH
	}
	memory := ""
	if kib, err := strconv.Atoi(strings.TrimSuffix(after("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		memory = fmt.Sprintf(", %d GB", (kib+1<<19)>>20)
	}
	return fmt.Sprintf("%s, %d cores%s, %s, %s", cpu, runtime.GOMAXPROCS(0), memory, runtime.GOOS, runtime.Version())
}

// after returns what a file of "key: value" lines says of a key, or "".
func after(path, key string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// resident returns the memory that the process holds, in megabytes: what the
// system counts, or where it does not say, what Go holds of it.
func resident() float64 {
	if kib, err := strconv.Atoi(strings.TrimSuffix(after("/proc/self/status", "VmRSS"), " kB")); err == nil {
		return float64(kib) / 1024
	}
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return float64(samples[0].Value.Uint64()-samples[1].Value.Uint64()) / (1 << 20)
}
