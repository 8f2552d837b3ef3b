package profile

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"
)

// typesJSON is the table of profile types. The front end imports the same file.
//
//go:embed types.json
var typesJSON []byte

// A Kind says what the values of a profile type add up to.
type Kind string

const (
	// Cumulative values are of what happened in a span of time, such as CPU time
	// or allocations: they add up, and make a rate.
	Cumulative Kind = "cumulative"
	// Instant values are of what there was at one moment, such as memory in use:
	// those of several profiles make an average.
	Instant Kind = "instant"
)

// Cores is the rate of CPU time: seconds a second.
const Cores = "cores"

// A Meaning is what is known of a profile type. Name and Text are empty for types
// that the table does not know.
type Meaning struct {
	Kind Kind
	// Unit is Grafana's unit id of a value as it is stored, and Rate that of a
	// value per second.
	Unit, Rate string
	// PerSecond is how many of the unit are a second, and 0 of what is no time.
	PerSecond float64
	// Name is for people, such as "CPU time", and Text explains it.
	Name, Text string
}

// Meaning looks a type up in the table. What the table does not know has the
// meaning of its unit: time and bytes happened, everything else is there.
func (t Type) Meaning() Meaning {
	table := typeTable()
	unit, known := table.Units[t.SampleUnit]
	if !known {
		// A unit that Grafana does not know is shown as it is, behind the number.
		unit = unitEntry{Unit: t.SampleUnit, Rate: t.SampleUnit, Kind: Instant}
	}
	m := Meaning{Kind: unit.Kind, Unit: unit.Unit, Rate: unit.Rate, PerSecond: unit.PerSecond}
	if entry, found := table.find(t); found {
		m.Name, m.Text = entry.Name, entry.Meaning
		if entry.Kind != "" {
			m.Kind = entry.Kind
		}
		if entry.Rate == Cores && m.PerSecond > 0 {
			m.Rate = Cores
		}
	}
	return m
}

// The table as it is stored. A match is <name>:<sample type>:<sample unit>, where *
// stands for any characters of one part; the first entry that matches counts. An
// entry without a kind has that of its unit.
type tableOfTypes struct {
	Units   map[string]unitEntry `json:"units"`
	Sources map[string]string    `json:"sources"`
	Types   []typeEntry          `json:"types"`
}

type unitEntry struct {
	Unit      string  `json:"unit"`
	Rate      string  `json:"rate"`
	PerSecond float64 `json:"perSecond"`
	Kind      Kind    `json:"kind"`
}

type typeEntry struct {
	Match    string   `json:"match"`
	Kind     Kind     `json:"kind"`
	Rate     string   `json:"rate"`
	Group    string   `json:"group"`
	Name     string   `json:"name"`
	Meaning  string   `json:"meaning"`
	Sources  []string `json:"sources"`
	Examples []string `json:"examples"`
}

func (table tableOfTypes) find(t Type) (typeEntry, bool) {
	for _, entry := range table.Types {
		if matchParts(entry.Match, t.Name, t.SampleType, t.SampleUnit) {
			return entry, true
		}
	}
	return typeEntry{}, false
}

// typeTable reads the table once. It is part of the program: one that cannot be
// read is a mistake that every test finds.
var typeTable = sync.OnceValue(func() tableOfTypes {
	var table tableOfTypes
	if err := json.Unmarshal(typesJSON, &table); err != nil {
		panic(fmt.Sprintf("types.json: %v", err))
	}
	return table
})

// matchParts compares the parts of a match, one by one.
func matchParts(match string, parts ...string) bool {
	patterns := strings.Split(match, ":")
	if len(patterns) != len(parts) {
		return false
	}
	for i, pattern := range patterns {
		// A part can hold a slash, at which path.Match would stop.
		if ok, err := path.Match(pattern, strings.ReplaceAll(parts[i], "/", "_")); err != nil || !ok {
			return false
		}
	}
	return true
}
