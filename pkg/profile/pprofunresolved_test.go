package profile_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// functionNames are the functions of each location, the innermost first.
func functionNames(p *googlev1.Profile) [][]string {
	names := map[uint64]string{}
	for _, f := range p.Function {
		names[f.Id] = p.StringTable[f.Name]
	}
	var all [][]string
	for _, l := range p.Location {
		var ofLocation []string
		for _, line := range l.Line {
			ofLocation = append(ofLocation, names[line.FunctionId])
		}
		all = append(all, ofLocation)
	}
	return all
}

func TestNameUnresolved(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*googlev1.Profile)
		want   []string // of the third location, which is without lines
	}{
		"by binary":     {func(*googlev1.Profile) {}, []string{"app!0xabc"}},
		"no file":       {func(p *googlev1.Profile) { p.Mapping[0].Filename = 0 }, []string{".!0xabc"}},
		"no mapping":    {func(p *googlev1.Profile) { p.Location[2].MappingId = 0 }, nil},
		"has functions": {func(p *googlev1.Profile) { p.Mapping[0].HasFunctions = true }, nil},
		"any ids":       {func(p *googlev1.Profile) { p.Function[0].Id, p.Location[0].Line[0].FunctionId = 77, 77 }, []string{"app!0xabc"}},
		"no ids left": {func(p *googlev1.Profile) {
			p.Function[0].Id, p.Location[0].Line[0].FunctionId = math.MaxUint64, math.MaxUint64
		}, nil},
		"mapping by id": {func(p *googlev1.Profile) {
			p.Mapping[0].Id, p.Location[2].MappingId = 5, 5
			p.Location[0].MappingId, p.Location[1].MappingId = 5, 5
		}, []string{"app!0xabc"}},
		"lines stay":     {func(p *googlev1.Profile) { p.Location[2].Line = []*googlev1.Line{{FunctionId: 1}} }, []string{"main.main"}},
		"another's name": {func(p *googlev1.Profile) { p.StringTable[3] = "app!0xabc" }, []string{"app!0xabc"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := smallPprof()
			test.change(p)
			before := functionNames(p)
			require.NoError(t, profile.NameUnresolved(p))
			require.NoError(t, profile.CheckPprof(p))
			got := functionNames(p)
			require.Equal(t, before[:2], got[:2])
			require.Equal(t, test.want, got[2])
		})
	}
}

func TestUnresolvedAddressesShareAFunction(t *testing.T) {
	p := smallPprof()
	p.Location = append(p.Location, &googlev1.Location{Id: 4, MappingId: 1, Address: 0xabc, IsFolded: true}, &googlev1.Location{Id: 5, MappingId: 1, Address: 0xdef})
	require.NoError(t, profile.NameUnresolved(p))
	require.Equal(t, []string{"[app!0xabc]", "[app!0xabc]", "[app!0xdef]"}, []string{
		fmt.Sprint(functionNames(p)[2]), fmt.Sprint(functionNames(p)[3]), fmt.Sprint(functionNames(p)[4]),
	})
	require.Len(t, p.Function, 5)
	require.True(t, p.Mapping[0].HasFunctions)
	named := p.CloneVT()
	require.NoError(t, profile.NameUnresolved(p))
	requireProto(t, named, p)

	dot, err := profile.DOT(t.Context(), p, 0)
	require.NoError(t, err)
	require.Contains(t, dot, "app!0xabc")
}

func TestNameUnresolvedOfNothing(t *testing.T) {
	p := &googlev1.Profile{}
	require.NoError(t, profile.NameUnresolved(p))
	requireProto(t, &googlev1.Profile{}, p)

	bare := &googlev1.Profile{Mapping: []*googlev1.Mapping{{Id: 1}}, Location: []*googlev1.Location{{Id: 1, MappingId: 1, Address: 1}}}
	require.NoError(t, profile.NameUnresolved(bare))
	require.NoError(t, profile.CheckPprof(bare))
	require.Equal(t, [][]string{{".!0x1"}}, functionNames(bare))
}
