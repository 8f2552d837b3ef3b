package profilegen

import (
	"path/filepath"
	"strings"

	"github.com/google/pprof/profile"
)

// StripNative makes the machine code in a Go profile look as native code does
// to a profiler without debug information: the innermost frames that are
// written in assembly move to a mapping of their own, of the same binary, and
// keep their address, but lose their function. It returns how many locations
// it stripped.
func StripNative(p *profile.Profile) int {
	var native *profile.Mapping
	stripped := make(map[*profile.Location]struct{})
	for _, sample := range p.Sample {
		if len(sample.Location) == 0 {
			continue
		}
		leaf := sample.Location[0]
		if _, done := stripped[leaf]; done || leaf.Mapping == nil || !inAssembly(leaf) {
			continue
		}
		if native == nil {
			native = &profile.Mapping{
				ID:      uint64(len(p.Mapping)) + 1,
				Start:   leaf.Address,
				Limit:   leaf.Address + 1,
				Offset:  leaf.Mapping.Offset,
				File:    leaf.Mapping.File,
				BuildID: leaf.Mapping.BuildID,
			}
			p.Mapping = append(p.Mapping, native)
		}
		native.Start, native.Limit = min(native.Start, leaf.Address), max(native.Limit, leaf.Address+1)
		leaf.Mapping, leaf.Line = native, nil
		stripped[leaf] = struct{}{}
	}
	return len(stripped)
}

func inAssembly(l *profile.Location) bool {
	return len(l.Line) == 1 && l.Line[0].Function != nil && strings.HasSuffix(l.Line[0].Function.Filename, ".s")
}

// anonymize removes the path of the binary, which says where it was built.
func anonymize(p *profile.Profile) {
	for _, m := range p.Mapping {
		m.File = filepath.Base(m.File)
	}
}
