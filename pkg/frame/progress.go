package frame

import (
	"encoding/json"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// Progress is in the custom metadata of a query's first frame while its answer is not
// whole.
type Progress struct {
	// Done is how many bytes are merged, of Total; 0 where that is not known yet.
	Done  uint64 `json:"done"`
	Total uint64 `json:"total"`
	// SecondsLeft is about how long the rest takes; there is none where nothing is known.
	SecondsLeft float64 `json:"secondsLeft,omitempty"`
	// Execution is the id of the execution that the frame is of. Answers to one run have
	// several where it was begun anew: in another process, or since nobody asked for long.
	Execution string `json:"execution,omitempty"`
}

// SetProgress says on a frame how much of the answer there is. What else is known of the
// frame stays.
func SetProgress(f *data.Frame, p Progress) {
	if f.Meta == nil {
		f.Meta = new(data.FrameMeta)
	}
	custom := make(map[string]any)
	if encoded, err := json.Marshal(f.Meta.Custom); err == nil {
		_ = json.Unmarshal(encoded, &custom) // what is no object has no place for more
	}
	if custom == nil {
		custom = make(map[string]any)
	}
	custom["progress"] = p
	f.Meta.Custom = custom
}
