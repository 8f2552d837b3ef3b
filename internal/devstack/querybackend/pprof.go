package querybackend

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/google/pprof/profile"
	"google.golang.org/protobuf/proto"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// maxPprofBytes bounds what a peer's profile may unpack to.
const maxPprofBytes = 1 << 30

// encode makes a gzipped pprof file of stacks. The tables serve as they are:
// their entry 0 is what pprof leaves out, and ids are indexes.
func (q pprofQuery) encode(stacks []pprofStack, table *queryv1.TreeSymbols) ([]byte, error) {
	p := &googlev1.Profile{
		Mapping:     table.Mappings[1:],
		Location:    table.Locations[1:],
		Function:    table.Functions[1:],
		StringTable: slices.Clone(table.Strings),
	}
	for _, s := range stacks {
		p.Sample = append(p.Sample, &googlev1.Sample{LocationId: s.locations, Value: []int64{s.value}})
	}
	q.setHeader(p)
	encoded, err := proto.Marshal(p)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(encoded); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// setHeader says what was measured: the profile type, and what the real one
// guesses of its period. Without a profile type the header stays empty.
func (q pprofQuery) setHeader(p *googlev1.Profile) {
	p.SampleType = []*googlev1.ValueType{{}}
	p.PeriodType = &googlev1.ValueType{}
	t := q.profileType
	if t.ID == "" {
		return
	}
	ref := func(s string) int64 {
		i := slices.Index(p.StringTable, s)
		if i < 0 {
			i = len(p.StringTable)
			p.StringTable = append(p.StringTable, s)
		}
		return int64(i)
	}
	p.SampleType[0] = &googlev1.ValueType{Type: ref(t.SampleType), Unit: ref(t.SampleUnit)}
	p.PeriodType = &googlev1.ValueType{Type: ref(t.PeriodType), Unit: ref(t.PeriodUnit)}
	p.DefaultSampleType = ref(t.SampleType)
	p.TimeNanos = time.UnixMilli(q.end).UnixNano()
	switch t.Name {
	case "process_cpu":
		p.Period = int64(time.Second)
	case "memory":
		p.Period = 512 << 10
	default:
		p.Period = 1
	}
}

// A pprofMerge merges pprof files. They are not truncated again.
type pprofMerge struct {
	query pprofQuery
	parts []*profile.Profile
}

func (m *pprofMerge) add(r *queryv1.Report) error {
	encoded := r.GetPprof().GetPprof()
	if len(encoded) == 0 {
		return nil
	}
	p, err := parsePprof(encoded)
	if err != nil {
		return err
	}
	if len(p.Sample) > 0 {
		m.parts = append(m.parts, p)
	}
	return nil
}

// parsePprof decodes and checks a gzipped pprof file.
func parsePprof(encoded []byte) (*profile.Profile, error) {
	r, err := gzip.NewReader(bytes.NewReader(encoded))
	if err != nil {
		return nil, fmt.Errorf("pprof of %d bytes: %w", len(encoded), err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxPprofBytes+1))
	if err != nil {
		return nil, fmt.Errorf("pprof of %d bytes: %w", len(encoded), err)
	}
	if len(plain) > maxPprofBytes {
		return nil, errors.New("pprof unpacks to more than 1 GiB")
	}
	p, err := profile.ParseUncompressed(plain)
	if err != nil {
		return nil, fmt.Errorf("pprof of %d bytes: %w", len(encoded), err)
	}
	if err := p.CheckValid(); err != nil {
		return nil, fmt.Errorf("pprof of %d bytes: %w", len(encoded), err)
	}
	return p, nil
}

func (m *pprofMerge) report() (*queryv1.Report, error) {
	if len(m.parts) == 0 {
		return m.query.reportOf(m.query.encode(nil, newSymbols().table))
	}
	merged, err := profile.Merge(m.parts)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := merged.Write(&b); err != nil {
		return nil, err
	}
	return m.query.reportOf(b.Bytes(), nil)
}
