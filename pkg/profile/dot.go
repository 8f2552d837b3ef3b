package profile

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/driver"
	pprof "github.com/google/pprof/profile"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// maxDOTNodes is the most that a graph draws. To lay out edges takes quadratic
// time, and a graph of a tenth of this can hardly be read.
const maxDOTNodes = 1000

// MaxDOTEntries is the most entries that the stacks of a profile to draw have
// together. Profiles that are cut to some hundred nodes have a hundredth of it.
const MaxDOTEntries = 2_000_000

// ErrTooLargeToDraw is the error for a profile of more than that.
var ErrTooLargeToDraw = fmt.Errorf("a graph is drawn of at most %d entries in all stacks together", MaxDOTEntries)

// driverTurn is taken while pprof's driver runs: it keeps its options in variables
// of its own package.
var driverTurn = make(chan struct{}, 1)

// DOT draws a pprof profile as a call graph in Graphviz' language, as `pprof -dot
// -lines` does: one node for each line of code, of the last sample type, with the
// maxNodes nodes of most interest, and at most 1,000 (below 1: as many as may be).
// It is an error when the profile has no sample type, or is not sound: see
// CheckPprof. Graphs are drawn one after the other: with the context's error, the
// turn did not come. The profile is not changed.
func DOT(ctx context.Context, p *googlev1.Profile, maxNodes int64) (string, error) {
	if n := StackEntries(p); n > MaxDOTEntries {
		return "", fmt.Errorf("%w: the profile has %d", ErrTooLargeToDraw, n)
	}
	if err := CheckPprof(p); err != nil {
		return "", err
	}
	if len(p.GetSampleType()) == 0 {
		return "", errors.New("pprof profile: it has no sample type to draw")
	}
	encoded, err := p.MarshalVT()
	if err != nil {
		return "", fmt.Errorf("pprof profile: %w", err)
	}
	parsed, err := pprof.ParseUncompressed(encoded)
	if err != nil {
		return "", fmt.Errorf("pprof profile: %w", err)
	}
	parsed.DefaultSampleType = "" // the last one is drawn
	for _, m := range parsed.Mapping {
		m.BuildID = plainBuildID(m.BuildID)
		m.File = strings.ReplaceAll(m.File, `"`, "'") // it becomes the graph's name, which is not escaped
	}
	if err := fitEdgeWeights(parsed); err != nil {
		return "", err
	}
	if maxNodes < 1 || maxNodes > maxDOTNodes {
		maxNodes = maxDOTNodes
	}

	select {
	case driverTurn <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	defer func() { <-driverTurn }()
	var dot dotOutput
	if err := driver.PProf(&driver.Options{
		Fetch:   loadedProfile{parsed},
		Writer:  &dot,
		Flagset: newDriverFlags("-dot", "-lines", "-nodefraction=0", "-edgefraction=0", "-unit="+shownUnit(parsed), "-nodecount="+strconv.FormatInt(maxNodes, 10), "-output=dot", "profile"),
		Obj:     noBinaries{},
		Sym:     noSymbols{},
		UI:      nobody{},
	}); err != nil {
		return "", fmt.Errorf("pprof profile: it cannot be drawn: %w", err)
	}
	return pyroscopeTime(dot.String(), p.TimeNanos), nil
}

// StackEntries is how many entries the stacks of a profile have together.
func StackEntries(p *googlev1.Profile) (n int) {
	for _, s := range p.GetSample() {
		n += len(s.GetLocationId())
	}
	return n
}

// pyroscopeTime writes the time in a graph's legend as Pyroscope does, which has an
// older layout of the driver's, and in UTC: two Grafana instances draw the same.
func pyroscopeTime(dot string, nanos int64) string {
	const driverLayout, pyroscopeLayout = "2006-01-02 15:04:05 MST", "Jan 2, 2006 at 3:04pm (MST)"
	if nanos == 0 {
		return dot
	}
	taken := time.Unix(0, nanos)
	return strings.Replace(dot, "Time: "+taken.Format(driverLayout), "Time: "+taken.UTC().Format(pyroscopeLayout), 1)
}

// shownUnit is the unit of a graph's numbers: times are in seconds and sizes in bytes,
// as Pyroscope has them, and all else as it is.
func shownUnit(p *pprof.Profile) string {
	switch unit := strings.ToLower(p.SampleType[len(p.SampleType)-1].Unit); {
	case strings.HasSuffix(unit, "second"), strings.HasSuffix(unit, "seconds"), slices.Contains([]string{"ns", "us", "µs", "ms", "s"}, unit):
		return "seconds"
	case strings.HasSuffix(unit, "byte"), strings.HasSuffix(unit, "bytes"), slices.Contains([]string{"b", "kb", "mb", "gb", "tb"}, unit):
		return "bytes"
	}
	return "minimum"
}

// plainBuildID leaves a build id out that is none: the driver makes a pattern for
// names of files of it.
func plainBuildID(id string) string {
	if strings.ContainsFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	}) {
		return ""
	}
	return id
}

// largerUnits are the units of which large sums are drawn in place of their own.
var largerUnits = map[string]struct {
	name string
	of   int64
}{
	"nanoseconds":  {"microseconds", 1000},
	"microseconds": {"milliseconds", 1000},
	"milliseconds": {"seconds", 1000},
	"bytes":        {"kilobytes", 1024},
	"kilobytes":    {"megabytes", 1024},
}

// fitEdgeWeights draws what was sampled in a larger unit where its sum times a
// hundred, of which the driver makes the widths of edges, does not fit an int64:
// the CPU time of 1,068 cores in a day, say.
func fitEdgeWeights(p *pprof.Profile) error {
	last := len(p.SampleType) - 1
	for {
		var total float64
		for _, s := range p.Sample {
			total += math.Abs(float64(s.Value[last]))
		}
		if total >= math.MaxInt64 {
			return fmt.Errorf("pprof profile: its values add up to more than %d", int64(math.MaxInt64))
		}
		larger, ok := largerUnits[p.SampleType[last].Unit]
		if !ok || total < math.MaxInt64/100 {
			return nil
		}
		p.SampleType[last].Unit = larger.name
		for _, s := range p.Sample {
			s.Value[last] /= larger.of
		}
	}
}

// driverFlags are a command line of the driver.
type driverFlags struct {
	*flag.FlagSet
	arguments []string
}

func newDriverFlags(arguments ...string) driverFlags {
	set := flag.NewFlagSet("pprof", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	return driverFlags{set, arguments}
}

func (f driverFlags) StringList(name, value, usage string) *[]*string {
	return &[]*string{f.String(name, value, usage)}
}

func (driverFlags) ExtraUsage() string   { return "" }
func (driverFlags) AddExtraUsage(string) {}

// Parse returns the arguments that are no flags: none where the flags are unknown,
// for which the driver has an error of its own.
func (f driverFlags) Parse(func()) []string {
	if err := f.FlagSet.Parse(f.arguments); err != nil {
		return nil
	}
	return f.Args()
}

// dotOutput is the file that the driver writes.
type dotOutput struct{ bytes.Buffer }

func (o *dotOutput) Open(string) (io.WriteCloser, error) { return o, nil }
func (*dotOutput) Close() error                          { return nil }

// loadedProfile is a profile that the driver need not fetch.
type loadedProfile struct{ *pprof.Profile }

func (p loadedProfile) Fetch(string, time.Duration, time.Duration) (*pprof.Profile, string, error) {
	return p.Profile, "", nil
}

// noBinaries keeps the driver from looking for binaries on this machine.
type noBinaries struct{}

var errNoBinaries = errors.New("binaries are not looked at")

func (noBinaries) Open(string, uint64, uint64, uint64, string) (driver.ObjFile, error) {
	return nil, errNoBinaries
}

func (noBinaries) Disasm(string, uint64, uint64, bool) ([]driver.Inst, error) {
	return nil, errNoBinaries
}

// noSymbols leaves names as they are.
type noSymbols struct{}

func (noSymbols) Symbolize(string, driver.MappingSources, *pprof.Profile) error { return nil }

// nobody sits before the driver.
type nobody struct{}

func (nobody) ReadLine(string) (string, error)     { return "", io.EOF }
func (nobody) Print(...any)                        {}
func (nobody) PrintErr(...any)                     {}
func (nobody) IsTerminal() bool                    { return false }
func (nobody) WantBrowser() bool                   { return false }
func (nobody) SetAutoComplete(func(string) string) {}
