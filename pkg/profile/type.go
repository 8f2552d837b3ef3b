package profile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// deltaSuffix is the only sixth part that a profile type id can have.
const deltaSuffix = "delta"

// A Type is a profile type: what was measured, in which unit, and what one
// sample stands for.
type Type struct {
	// ID is the id as it was given, with ":delta" where it had that.
	ID string
	// Name is the profile's name, such as "process_cpu" or "memory".
	Name string
	// SampleType and SampleUnit are of the values: "cpu" in "nanoseconds".
	SampleType, SampleUnit string
	// PeriodType and PeriodUnit are of the sampling period.
	PeriodType, PeriodUnit string
	// Delta says that the id ended in ":delta". Stored ids never do.
	Delta bool
}

// ParseType parses a profile type id:
// name:sample-type:sample-unit:period-type:period-unit with an optional :delta.
func ParseType(id string) (Type, error) {
	if id == "" {
		return Type{}, errors.New("the profile type is missing: it is <name>:<sample type>:<sample unit>:<period type>:<period unit>, optionally followed by :delta")
	}
	parts := strings.Split(id, ":")
	if len(parts) != 5 && len(parts) != 6 {
		return Type{}, fmt.Errorf("profile type %q has %d parts: it must be <name>:<sample type>:<sample unit>:<period type>:<period unit>, optionally followed by :delta", id, len(parts))
	}
	if len(parts) == 6 && parts[5] != deltaSuffix {
		return Type{}, fmt.Errorf("profile type %q ends in %q: the only sixth part allowed is %q", id, parts[5], deltaSuffix)
	}
	return Type{
		ID:         id,
		Name:       parts[0],
		SampleType: parts[1],
		SampleUnit: parts[2],
		PeriodType: parts[3],
		PeriodUnit: parts[4],
		Delta:      len(parts) == 6,
	}, nil
}

// Matcher selects the series of this type. Stores label series with the five
// parts alone, so ":delta" is left out.
func (t Type) Matcher() *labels.Matcher {
	return &labels.Matcher{Type: labels.MatchEqual, Name: LabelProfileType, Value: t.stored()}
}

func (t Type) stored() string {
	return strings.Join([]string{t.Name, t.SampleType, t.SampleUnit, t.PeriodType, t.PeriodUnit}, ":")
}
