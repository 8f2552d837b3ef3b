package profile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"

	"github.com/pyrofront/pyrofront/pkg/wiresize"
)

// MaxPprofBytes is the size that a pprof profile may have once it is unpacked.
const MaxPprofBytes = 256 << 20

// maxPprofRatio is how many times a compressed profile may grow: real ones grow
// up to some 20 times.
const maxPprofRatio = 100

// DecodePprof decodes a pprof profile, such as query.v1.PprofReport.pprof,
// plain or gzip compressed. Every index and id in the answer is sound: see
// CheckPprof. No bytes are an empty profile.
//
// Take is asked before memory is taken: for the profile unpacked, and then for the
// profile decoded. Its error is returned. A nil take allows all.
func DecodePprof(b []byte, take func(bytes int64) error) (*googlev1.Profile, error) {
	if take == nil {
		take = func(int64) error { return nil }
	}
	if bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		var err error
		if b, err = gunzip(b, MaxPprofBytes, take); err != nil {
			return nil, fmt.Errorf("pprof profile: %w", err)
		}
	}
	if len(b) > MaxPprofBytes {
		return nil, fmt.Errorf("pprof profile of %d bytes: at most %d are allowed", len(b), MaxPprofBytes)
	}
	p := &googlev1.Profile{}
	size, err := new(wiresize.Sizer).Decoded(b, p)
	if err != nil {
		return nil, fmt.Errorf("pprof profile of %d bytes: %w", len(b), err)
	}
	if err := take(size); err != nil {
		return nil, err
	}
	if err := p.UnmarshalVT(b); err != nil {
		return nil, fmt.Errorf("pprof profile of %d bytes: %w", len(b), err)
	}
	if err := CheckPprof(p); err != nil {
		return nil, err
	}
	return p, nil
}

// gunzip unpacks at most limit bytes, and fails on more. It unpacks twice: to make
// room for what it will be, and no more, it has to know.
func gunzip(b []byte, limit int64, take func(int64) error) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	limit = min(limit, max(maxPprofRatio*int64(len(b)), 1<<20))
	size, err := io.Copy(io.Discard, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, fmt.Errorf("it unpacks to more than the %d bytes allowed for %d", limit, len(b))
	}
	if err := take(size); err != nil {
		return nil, err
	}
	if err := r.Reset(bytes.NewReader(b)); err != nil {
		return nil, err
	}
	unpacked := make([]byte, size)
	if _, err := io.ReadFull(r, unpacked); err != nil {
		return nil, err
	}
	return unpacked, r.Close()
}

// CheckPprof checks what profile.proto of pprof promises: that the string table
// is empty or starts with the empty string, that ids are unique and not 0, that
// every reference to a string, mapping, function or location is to one that is
// there, and that every sample has a value of each sample type.
func CheckPprof(p *googlev1.Profile) error {
	c := pprofChecker{profile: p}
	if len(p.GetStringTable()) > 0 && p.GetStringTable()[0] != "" {
		c.fail("its string table starts with %q: it must start with an empty string", p.GetStringTable()[0])
	}
	c.strings("profile", p.GetDropFrames(), p.GetKeepFrames(), p.GetDefaultSampleType())
	c.strings("comment", p.GetComment()...)
	c.strings("period type", p.GetPeriodType().GetType(), p.GetPeriodType().GetUnit())
	for _, t := range p.GetSampleType() {
		c.strings("sample type", t.GetType(), t.GetUnit())
	}
	c.symbols()
	c.samples()
	if c.failure != nil {
		return fmt.Errorf("pprof profile: %w", c.failure)
	}
	return nil
}

// A pprofChecker remembers the first thing that is wrong.
type pprofChecker struct {
	profile   *googlev1.Profile
	locations idIndex
	failure   error
}

func (c *pprofChecker) fail(format string, args ...any) {
	if c.failure == nil {
		c.failure = fmt.Errorf(format, args...)
	}
}

func (c *pprofChecker) strings(what string, indexes ...int64) {
	for _, i := range indexes {
		// 0 stands for no string, even without a table.
		if i != 0 && (i < 0 || i >= int64(len(c.profile.GetStringTable()))) {
			c.fail("%s: string %d of %d", what, i, len(c.profile.GetStringTable()))
		}
	}
}

func (c *pprofChecker) symbols() {
	p := c.profile
	mappings := c.index("mapping", len(p.GetMapping()), func(i int) uint64 { return p.Mapping[i].GetId() })
	for _, m := range p.GetMapping() {
		c.strings("mapping", m.GetFilename(), m.GetBuildId())
	}
	functions := c.index("function", len(p.GetFunction()), func(i int) uint64 { return p.Function[i].GetId() })
	for _, f := range p.GetFunction() {
		c.strings("function", f.GetName(), f.GetSystemName(), f.GetFilename())
	}
	c.locations = c.index("location", len(p.GetLocation()), func(i int) uint64 { return p.Location[i].GetId() })
	for _, l := range p.GetLocation() {
		if id := l.GetMappingId(); id != 0 && mappings.find(id) < 0 {
			c.fail("location %d: there is no mapping %d", l.GetId(), id)
		}
		for _, line := range l.GetLine() {
			if id := line.GetFunctionId(); id != 0 && functions.find(id) < 0 {
				c.fail("location %d: there is no function %d", l.GetId(), id)
			}
		}
	}
}

func (c *pprofChecker) samples() {
	for i, s := range c.profile.GetSample() {
		if len(s.GetValue()) != len(c.profile.GetSampleType()) {
			c.fail("sample %d has %d values for %d sample types", i, len(s.GetValue()), len(c.profile.GetSampleType()))
		}
		for _, id := range s.GetLocationId() {
			if c.locations.find(id) < 0 {
				c.fail("sample %d: there is no location %d", i, id)
			}
		}
		for _, l := range s.GetLabel() {
			c.strings("label", l.GetKey(), l.GetStr(), l.GetNumUnit())
		}
	}
}

func (c *pprofChecker) index(what string, n int, id func(int) uint64) idIndex {
	ids, err := newIDIndex(n, id)
	if err != nil {
		c.fail("%s: %w", what, err)
	}
	return ids
}

// An idIndex finds the place of an id. Ids are mostly 1, 2, 3 and so on; then
// no map is needed.
type idIndex struct {
	n     int
	index map[uint64]int
}

var (
	errIDZero  = errors.New("an id is 0")
	errIDTwice = errors.New("an id is there twice")
)

func newIDIndex(n int, id func(int) uint64) (idIndex, error) {
	ids := idIndex{n: n}
	for i := range n {
		if ids.index == nil && id(i) == uint64(i)+1 {
			continue
		}
		if ids.index == nil {
			ids.index = make(map[uint64]int, n)
			for before := range i {
				ids.index[id(before)] = before
			}
		}
		if id(i) == 0 {
			return ids, errIDZero
		}
		if _, ok := ids.index[id(i)]; ok {
			return ids, fmt.Errorf("%w: %d", errIDTwice, id(i))
		}
		ids.index[id(i)] = i
	}
	return ids, nil
}

// find is the place of an id, or -1.
func (x idIndex) find(id uint64) int {
	if x.index != nil {
		if i, ok := x.index[id]; ok {
			return i
		}
		return -1
	}
	if id == 0 || id > uint64(x.n) {
		return -1
	}
	return int(id - 1)
}

// text is a string of a profile's table.
func text(p *googlev1.Profile, i int64) string {
	if i == 0 {
		return "" // even without a table
	}
	return p.StringTable[i]
}
