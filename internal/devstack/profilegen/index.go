package profilegen

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/pprof/profile"
)

// IndexFile is the name of the file that lists a directory's profiles.
const IndexFile = "index.json"

// A Recording is one profile of one pod.
type Recording struct {
	// File is relative to the index.
	File      string `json:"file"`
	Kind      Kind   `json:"kind"`
	Service   string `json:"service"`
	Pod       string `json:"pod"`
	Region    string `json:"region"`
	Namespace string `json:"namespace"`
	// OffsetMillis is when the profile was taken, in milliseconds after the
	// first one.
	OffsetMillis int64 `json:"offset_ms"`

	Profile *profile.Profile `json:"-"`
}

// Labels are the series labels that an agent would push the profile with.
func (r *Recording) Labels() map[string]string {
	return map[string]string{
		"__name__":     string(r.Kind),
		"service_name": r.Service,
		"pod":          r.Pod,
		"region":       r.Region,
		"namespace":    r.Namespace,
	}
}

// Offset is OffsetMillis as a duration.
func (r *Recording) Offset() time.Duration {
	return time.Duration(r.OffsetMillis) * time.Millisecond
}

// Load reads an index and all profiles that it lists.
func Load(fsys fs.FS) ([]*Recording, error) {
	raw, err := fs.ReadFile(fsys, IndexFile)
	if err != nil {
		return nil, fmt.Errorf("load profiles: %w", err)
	}
	var recordings []*Recording
	if err := json.Unmarshal(raw, &recordings); err != nil {
		return nil, fmt.Errorf("load profiles: %s: %w", IndexFile, err)
	}
	for _, r := range recordings {
		raw, err := fs.ReadFile(fsys, r.File)
		if err != nil {
			return nil, fmt.Errorf("load profiles: %w", err)
		}
		if r.Profile, err = profile.ParseData(raw); err != nil {
			return nil, fmt.Errorf("load profiles: %s: %w", r.File, err)
		}
	}
	return recordings, nil
}
