package profilegen_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

// recordPod as the first argument makes the test binary the process of a pod,
// as Generate expects: the directory and the pod's name follow.
const recordPod = "record-pod"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == recordPod {
		recordings, err := profilegen.RecordPod(context.Background(), os.Args[3], os.Args[2], 50*time.Millisecond)
		if err == nil {
			err = json.NewEncoder(os.Stdout).Encode(recordings)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, profilegen.Generate(t.Context(), dir, os.Args[0], recordPod, dir))
	recordings, err := profilegen.Load(os.DirFS(dir))
	require.NoError(t, err)
	requireComplete(t, recordings)
}

func TestGenerateErrors(t *testing.T) {
	require.ErrorContains(t, profilegen.Generate(t.Context(), t.TempDir()), "no command")
	require.ErrorContains(t, profilegen.Generate(t.Context(), t.TempDir(), os.Args[0], "-no-such-flag"), "pod checkout-0")
	_, err := profilegen.RecordPod(t.Context(), "nobody", t.TempDir(), time.Millisecond)
	require.ErrorContains(t, err, `"nobody"`)
}

// requireComplete: each pod has each kind of profile.
func requireComplete(t *testing.T, recordings []*profilegen.Recording) {
	t.Helper()
	kinds := map[string]map[profilegen.Kind]bool{}
	for _, r := range recordings {
		if kinds[r.Pod] == nil {
			kinds[r.Pod] = map[profilegen.Kind]bool{}
		}
		kinds[r.Pod][r.Kind] = true
		require.NoError(t, r.Profile.CheckValid())
		require.Equal(t, map[string]string{
			"__name__": string(r.Kind), "service_name": r.Service, "pod": r.Pod, "region": r.Region, "namespace": "shop",
		}, r.Labels())
		require.Equal(t, r.OffsetMillis, r.Offset().Milliseconds())
	}
	require.Len(t, kinds, len(profilegen.Pods()))
	for pod, k := range kinds {
		require.Len(t, k, 5, pod)
	}
}

func TestStripNative(t *testing.T) {
	binary := &profile.Mapping{ID: 1, Start: 0x1000, Limit: 0x9000, File: "binary", BuildID: "abc", HasFunctions: true}
	location := func(id uint64, file string) *profile.Location {
		f := &profile.Function{ID: id, Name: fmt.Sprint("f", id), Filename: file}
		return &profile.Location{ID: id, Address: 0x1000 * id, Mapping: binary, Line: []profile.Line{{Function: f}}}
	}
	leaf, caller, assemblyCaller, second := location(2, "memmove.s"), location(3, "main.go"), location(4, "asm.s"), location(5, "hash.s")
	p := &profile.Profile{Sample: []*profile.Sample{
		{Location: []*profile.Location{leaf, caller, assemblyCaller}},
		{Location: []*profile.Location{leaf, caller}},
		{Location: []*profile.Location{second}},
		{Location: []*profile.Location{caller}},
		{},
	}, Mapping: []*profile.Mapping{binary}}

	require.Equal(t, 2, profilegen.StripNative(p))
	require.Len(t, p.Mapping, 2)
	require.Equal(t, &profile.Mapping{ID: 2, Start: 0x2000, Limit: 0x5001, File: "binary", BuildID: "abc"}, p.Mapping[1])
	for _, l := range []*profile.Location{leaf, second} {
		require.Empty(t, l.Line)
		require.Same(t, p.Mapping[1], l.Mapping)
	}
	require.EqualValues(t, 0x2000, leaf.Address)
	for _, l := range []*profile.Location{caller, assemblyCaller} {
		require.Len(t, l.Line, 1, "only innermost frames are stripped")
		require.Same(t, binary, l.Mapping)
	}
	require.Zero(t, profilegen.StripNative(p), "nothing is left to strip")
}
