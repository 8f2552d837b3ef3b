package blockstore

import (
	"github.com/google/uuid"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// A Dataset is what a block holds of one tenant and service: its series with
// their profiles. It is immutable once its block is cut.
type Dataset struct {
	Tenant  string
	Service string
	Series  []*Series
	// Sizes of the dataset's sections in bytes, as the block metadata's
	// table of contents has them.
	Sections Sections
}

// Sections are the sizes in bytes of a dataset's parts.
type Sections struct {
	Profiles uint64
	TSDB     uint64
	Symbols  uint64
}

// A Series is the profiles of one label set. Labels are sorted by name and
// complete: service_name, __profile_type__ and the user's labels are among
// them.
type Series struct {
	Labels   []*typesv1.LabelPair
	Profiles []*Profile
}

// A Profile is one recorded profile of one type.
type Profile struct {
	ID          uuid.UUID
	Timestamp   int64 // Unix milliseconds
	Samples     []Sample
	Annotations []*typesv1.ProfileAnnotation
}

// A Sample is one stack with its value. SpanID is zero and TraceID is empty
// where the profiler recorded none.
type Sample struct {
	Value   int64
	Stack   []Location // leaf first, as in pprof
	SpanID  uint64
	TraceID [16]byte
}

// A Location is one program counter of a stack. Inlined calls make it several
// lines, innermost first. With no lines it is native code without symbols.
type Location struct {
	Lines   []Line
	Address uint64
	Mapping Mapping
}

// A Line is one call in the source.
type Line struct {
	Function   string
	SystemName string
	File       string
	Line       int64
	StartLine  int64
}

// A Mapping is the binary that a location lies in. The Has fields say what the
// profiler had resolved in it; without functions the locations in it await
// symbolization.
type Mapping struct {
	File            string
	BuildID         string
	Start           uint64
	Limit           uint64
	Offset          uint64
	HasFunctions    bool
	HasFilenames    bool
	HasLineNumbers  bool
	HasInlineFrames bool
}

// Symbolized reports whether the profiler resolved the location to functions.
func (l *Location) Symbolized() bool {
	if l.Mapping == (Mapping{}) {
		return len(l.Lines) > 0
	}
	return l.Mapping.HasFunctions
}
