package plugin

import (
	"fmt"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
)

// maxDuration is far longer than profiles are kept, and far shorter than what a
// duration can be before it wraps around.
const maxDuration = 100 * 365 * 24 * time.Hour

// dateUnits are those that Grafana has and Go has not, a little longer than they are.
var dateUnits = map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour, 'M': 31 * 24 * time.Hour, 'y': 366 * 24 * time.Hour}

// parseDuration reads Grafana's durations, such as 90s, 24h, 7d and 1y, and refuses
// those of more than a hundred years.
func parseDuration(text string) (time.Duration, error) {
	tooLong := fmt.Errorf("%q is longer than a hundred years", text)
	if n := len(text); n > 1 {
		if unit, ok := dateUnits[text[n-1]]; ok {
			if count, err := strconv.ParseUint(text[:n-1], 10, 64); err == nil && count > uint64(maxDuration/unit) {
				return 0, tooLong
			}
		}
	}
	d, err := gtime.ParseDuration(text)
	if err == nil && d > maxDuration {
		return 0, tooLong
	}
	return d, err
}
