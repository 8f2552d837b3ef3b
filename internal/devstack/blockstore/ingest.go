package blockstore

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// An IngestRequest is one pprof profile of one service, as an agent pushes it.
type IngestRequest struct {
	// Tenant owns the profile. Required.
	Tenant string
	// Labels of the series. service_name is required. __name__ is the
	// profile's name (process_cpu, memory, goroutine, mutex, block); without
	// it the name is told from the sample types where they tell it.
	Labels map[string]string
	// Profile is not modified.
	Profile *pprof.Profile
	// Time the profile was taken; without it, the profile's own.
	Time time.Time
	// ID of the profile; without it, a random one.
	ID uuid.UUID
	// Annotations are kept with every resulting profile.
	Annotations []*typesv1.ProfileAnnotation
}

// Ingest adds a profile to the open segments. Each of its sample types becomes
// one series, and its sample labels (such as endpoint) split that series
// further, except for the labels that name spans and traces: these stay with
// the samples. Nothing is listed by Blocks before the next Cut.
func (s *Store) Ingest(r IngestRequest) error {
	if err := validate(&r); err != nil {
		return fmt.Errorf("ingest profile: %w", err)
	}
	series, err := splitSeries(&r)
	if err != nil {
		return fmt.Errorf("ingest profile: %w", err)
	}
	if len(series) == 0 {
		return nil
	}
	key := segmentKey{
		shard:  s.shard(r.Tenant, r.Labels[profile.LabelServiceName]),
		window: r.Time.UnixMilli() / s.segmentDuration.Milliseconds(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	seg, ok := s.open[key]
	if !ok {
		seg = newSegment(key)
		s.open[key] = seg
	}
	seg.append(r.Tenant, r.Labels[profile.LabelServiceName], series)
	return nil
}

func validate(r *IngestRequest) error {
	switch {
	case r.Tenant == "":
		return errors.New("tenant is empty")
	case r.Labels[profile.LabelServiceName] == "":
		return errors.New("label service_name is missing")
	case r.Profile == nil:
		return errors.New("profile is missing")
	}
	for name := range r.Labels {
		if name == "" {
			return errors.New("a label has an empty name")
		}
	}
	if err := r.Profile.CheckValid(); err != nil {
		return fmt.Errorf("invalid pprof: %w", err)
	}
	if r.Time.IsZero() {
		if r.Profile.TimeNanos == 0 {
			return errors.New("time is missing in the request and in the profile")
		}
		r.Time = time.Unix(0, r.Profile.TimeNanos)
	}
	// Block IDs carry a time, of 48 bits.
	if ms := r.Time.UnixMilli(); ms < 0 || uint64(ms) > ulid.MaxTime() {
		return fmt.Errorf("time %d ms is out of range 0 to %d", ms, ulid.MaxTime())
	}
	if r.ID == uuid.Nil {
		r.ID = uuid.New()
	}
	return nil
}

// shard places all profiles of a service on one shard, so that its dataset
// grows by compaction. Shard 0 means "none" in Pyroscope and is never used.
func (s *Store) shard(tenant, service string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(tenant))
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(service))
	return h.Sum32()%s.shards + 1
}
