package profile_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// What is different from Grafana's core data source, each on purpose.
var differsFromCore = map[string]string{
	"process_cpu:samples:count:cpu:nanoseconds":    "samples happen; for core those of another period do, and these do not",
	"process_cpu:lock_count:count:cpu:nanoseconds": "waits for a lock happen, as their time does",
	"lock:lock_count:count:cpu:nanoseconds":        "the same",
}

// What core's rule for types that are not in its table makes of others: time and
// bytes happened, all else is there, and no unit but nanoseconds and count has a
// name of Grafana's. These are seen differently here.
var differsFromCoreRule = map[string]string{
	"cpu:cpu:microseconds:cpu:microseconds":               "time in any unit happened",
	"wall:wall:microseconds:wall:microseconds":            "time in any unit happened",
	"cpu:samples:count:cpu:nanoseconds":                   "samples happen",
	"wall:samples:count:wall:microseconds":                "samples happen",
	"wall:sample:count:wall:microseconds":                 "samples happen",
	"wall:samples:count:wall:nanoseconds":                 "samples happen",
	"custom:samples:count::":                              "samples happen",
	"process_cpu:alloc_samples:count::nanoseconds":        "allocations happen",
	"memory:alloc_objects:objects:space:bytes":            "allocations happen, and objects are counted",
	"memory:alloc_sample_objects:count:space:bytes":       "allocations happen",
	"memory:alloc_in_new_tlab_objects:count:space:bytes":  "allocations happen; core knows the id with no period only",
	"memory:alloc_outside_tlab_objects:count:space:bytes": "allocations happen",
	"memory:malloc_objects:count::":                       "allocations happen",
	"memory:allocations:count:space:bytes":                "allocations happen",
	"memory:inuse_space:bytes:inuse_space:bytes":          "memory in use is there",
	"memory:space:bytes:space:bytes":                      "the heap of Node is there",
	"heap:space:bytes:space:bytes":                        "the heap of Node is there",
	"memory:heap_in_use:bytes::":                          "memory in use is there",
	"memory:heap_inuse:bytes:space:bytes":                 "memory in use is there",
	"memory:heap_live_size:bytes::":                       "memory in use is there",
	"block:contentions:count:block:count":                 "contentions happen; core knows Go's period only",
	"mutex:contentions:count:mutex:count":                 "contentions happen; core knows Go's period only",
	"contentions:contentions:count:contentions:count":     "contentions happen",
	"exceptions:exceptions:count::":                       "exceptions happen",
}

type coreType struct {
	ID   string       `json:"id"`
	Unit string       `json:"unit"`
	Kind profile.Kind `json:"kind"`
}

// testdata/core_types.json has the facts of core's table, and says which one.
func coreTypes(t *testing.T) []coreType {
	t.Helper()
	var table struct {
		Types []coreType `json:"types"`
	}
	read(t, "testdata/core_types.json", &table)
	require.Greater(t, len(table.Types), 25)
	return table.Types
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(content, into))
}

func meaning(t *testing.T, id string) profile.Meaning {
	t.Helper()
	parsed, err := profile.ParseType(id)
	require.NoError(t, err)
	return parsed.Meaning()
}

func TestTypesOfCore(t *testing.T) {
	for _, core := range coreTypes(t) {
		ours := meaning(t, core.ID)
		require.Equal(t, core.Unit, ours.Unit, core.ID)
		require.NotEmpty(t, ours.Name, core.ID)
		if _, onPurpose := differsFromCore[core.ID]; onPurpose {
			require.NotEqual(t, core.Kind, ours.Kind, "%s: no longer different", core.ID)
			continue
		}
		require.Equal(t, core.Kind, ours.Kind, core.ID)
	}
}

func TestTypesThatCoreDoesNotKnow(t *testing.T) {
	known := make(map[string]bool)
	for _, core := range coreTypes(t) {
		known[core.ID] = true
	}
	seen := 0
	for id := range examples(t) {
		if known[id] {
			continue
		}
		parsed, err := profile.ParseType(id)
		require.NoError(t, err)
		rule := profile.Meaning{Kind: profile.Instant, Unit: parsed.SampleUnit}
		switch parsed.SampleUnit {
		case "nanoseconds":
			rule = profile.Meaning{Kind: profile.Cumulative, Unit: "ns"}
		case "bytes":
			rule.Kind = profile.Cumulative
		case "count":
			rule.Unit = "short"
		}
		ours := parsed.Meaning()
		same := ours.Kind == rule.Kind && ours.Unit == rule.Unit
		if _, onPurpose := differsFromCoreRule[id]; onPurpose {
			require.False(t, same, "%s: no longer different", id)
			seen++
			continue
		}
		require.True(t, same, "%s is %s in %s here, and %s in %s in core", id, ours.Kind, ours.Unit, rule.Kind, rule.Unit)
	}
	require.Equal(t, len(differsFromCoreRule), seen, "an id of the list is no example")
}

// examples are the ids of the table, by the entry that gives them.
func examples(t *testing.T) map[string]string {
	t.Helper()
	var table struct {
		Sources map[string]string `json:"sources"`
		Types   []struct {
			Match    string   `json:"match"`
			Name     string   `json:"name"`
			Meaning  string   `json:"meaning"`
			Sources  []string `json:"sources"`
			Examples []string `json:"examples"`
		} `json:"types"`
	}
	read(t, "types.json", &table)
	all := make(map[string]string)
	used := make(map[string]bool)
	for _, entry := range table.Types {
		require.Equal(t, entry.Name == "", entry.Meaning == "", entry.Match)
		for _, source := range entry.Sources {
			require.Contains(t, table.Sources, source, entry.Match)
			used[source] = true
		}
		for _, id := range entry.Examples {
			require.NotContains(t, all, id)
			all[id] = entry.Name
		}
	}
	for _, source := range []string{"Go", "Java", ".NET", "Python", "Ruby", "Node", "PHP", "Rust", "eBPF", "OpenTelemetry"} {
		require.True(t, used[source], source)
	}
	require.Len(t, used, len(table.Sources))
	return all
}

// An entry that another one before it hides would never be found.
func TestTypesAreFoundByTheirOwnEntry(t *testing.T) {
	for id, name := range examples(t) {
		require.Equal(t, name, meaning(t, id).Name, id)
	}
	for _, core := range coreTypes(t) {
		require.Contains(t, examples(t), core.ID)
	}
}

func TestMeaning(t *testing.T) {
	const cumulative, instant = profile.Cumulative, profile.Instant
	for id, want := range map[string]profile.Meaning{
		// .NET: the heap has Go's sample types and a period of its own.
		"heap:inuse_space:bytes:cpu:nanoseconds":        {Kind: instant, Unit: "bytes", Rate: "binBps"},
		"process_cpu:cpu_samples:count:cpu:nanoseconds": {Kind: cumulative, Unit: "short", Rate: "ops"},
		"alloc:alloc_samples:count:cpu:nanoseconds":     {Kind: cumulative, Unit: "short", Rate: "ops"},
		"exception:exception:count:cpu:nanoseconds":     {Kind: cumulative, Unit: "short", Rate: "ops"},
		// CPU time is in cores, whatever the unit and the period.
		"process_cpu:cpu:nanoseconds::nanoseconds":   {Kind: cumulative, Unit: "ns", Rate: "cores", PerSecond: 1e9},
		"process_cpu:cpu:microseconds::microseconds": {Kind: cumulative, Unit: "µs", Rate: "cores", PerSecond: 1e6},
		"cpu:cpu:seconds:cpu:seconds":                {Kind: cumulative, Unit: "s", Rate: "cores", PerSecond: 1},
		"process_cpu:cpu:count::":                    {Kind: cumulative, Unit: "short", Rate: "ops"},
		// Other time is not.
		"wall:wall:milliseconds:wall:milliseconds": {Kind: cumulative, Unit: "ms", Rate: "ms", PerSecond: 1e3},
		"off_cpu:off_cpu:nanoseconds::":            {Kind: cumulative, Unit: "ns", Rate: "ns", PerSecond: 1e9},
		// What nobody knows.
		"custom:depth:objects::":       {Kind: instant, Unit: "short", Rate: "ops"},
		"custom:waited:seconds::":      {Kind: cumulative, Unit: "s", Rate: "s", PerSecond: 1},
		"custom:temperature:celsius::": {Kind: instant, Unit: "celsius", Rate: "celsius"},
		"deliveries:delivered:count::": {Kind: instant, Unit: "short", Rate: "ops"},
		"a/b:alloc_space/x:bytes::":    {Kind: cumulative, Unit: "bytes", Rate: "binBps"},
		":events:nanoseconds::":        {Kind: cumulative, Unit: "ns", Rate: "ns", PerSecond: 1e9},
	} {
		got := meaning(t, id)
		got.Name, got.Text = "", ""
		require.Equal(t, want, got, id)
	}
}
