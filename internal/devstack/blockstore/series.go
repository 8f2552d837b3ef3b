package blockstore

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	pprof "github.com/google/pprof/profile"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// labelServiceNamePrivate repeats the service's name in every series.
const labelServiceNamePrivate = "__service_name__"

// splitSeries makes one series with one profile for every sample type and set
// of sample labels. As in Pyroscope, samples without a positive value are
// dropped, and so is a series that is left without samples.
func splitSeries(r *IngestRequest) ([]*Series, error) {
	name, err := profileName(r)
	if err != nil {
		return nil, err
	}
	var (
		locations = newLocationTable(r.Profile)
		groups    = make(map[string]*sampleGroup)
		order     []*sampleGroup
	)
	for _, sample := range r.Profile.Sample {
		labels := seriesLabels(r.Labels, sample.Label)
		key := labelsKey(labels)
		g, ok := groups[key]
		if !ok {
			g = &sampleGroup{labels: labels, merged: make(map[sampleKey]int)}
			groups[key] = g
			order = append(order, g)
		}
		g.add(sample, locations)
	}
	var series []*Series
	for i := range r.Profile.SampleType {
		for _, g := range order {
			p := g.profile(i)
			if len(p.Samples) == 0 {
				continue
			}
			p.ID, p.Timestamp, p.Annotations = r.ID, r.Time.UnixMilli(), r.Annotations
			series = append(series, &Series{
				Labels:   typeLabels(g.labels, name, r.Profile, i),
				Profiles: []*Profile{p},
			})
		}
	}
	return series, nil
}

// profileName is the first part of a profile type ID. Agents send it as
// __name__. Of Go's profiles, only mutex and block have the same sample types.
func profileName(r *IngestRequest) (string, error) {
	if name := r.Labels[profile.LabelProfileName]; name != "" {
		return name, nil
	}
	for _, t := range r.Profile.SampleType {
		switch t.Type {
		case "cpu", "samples":
			return "process_cpu", nil
		case "alloc_objects", "alloc_space", "inuse_objects", "inuse_space":
			return "memory", nil
		case "goroutine":
			return "goroutine", nil
		}
	}
	return "", fmt.Errorf("label %s is missing and the sample types do not tell the profile's name", profile.LabelProfileName)
}

// seriesLabels joins the labels of the request with a sample's: the request's
// win. Labels without a value count as missing.
func seriesLabels(request map[string]string, sample map[string][]string) map[string]string {
	labels := make(map[string]string, len(request)+len(sample))
	for name, values := range sample {
		if isContextLabel(name) || len(values) == 0 || values[0] == "" {
			continue
		}
		labels[name] = values[0]
	}
	for name, value := range request {
		if value != "" {
			labels[name] = value
		}
	}
	return labels
}

// typeLabels completes a label set with the built-in labels of one sample type.
func typeLabels(set map[string]string, name string, p *pprof.Profile, i int) []*typesv1.LabelPair {
	labels := make(map[string]string, len(set)+8)
	for k, v := range set {
		labels[k] = v
	}
	var periodType, periodUnit string
	if p.PeriodType != nil {
		periodType, periodUnit = p.PeriodType.Type, p.PeriodType.Unit
		labels[profile.LabelPeriodType] = periodType
		labels[profile.LabelPeriodUnit] = periodUnit
	}
	t := p.SampleType[i]
	labels[profile.LabelProfileName] = name
	labels[labelServiceNamePrivate] = set[profile.LabelServiceName]
	labels[profile.LabelType] = t.Type
	labels[profile.LabelUnit] = t.Unit
	labels[profile.LabelProfileType] = strings.Join([]string{name, t.Type, t.Unit, periodType, periodUnit}, ":")
	pairs := make([]*typesv1.LabelPair, 0, len(labels))
	for k, v := range labels {
		pairs = append(pairs, &typesv1.LabelPair{Name: k, Value: v})
	}
	slices.SortFunc(pairs, func(a, b *typesv1.LabelPair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// A sampleGroup collects the samples of one label set. Samples that differ
// only in labels that are not part of a series, such as the allocation size in
// heap profiles, are added up.
type sampleGroup struct {
	labels  map[string]string
	samples []groupedSample
	merged  map[sampleKey]int // index in samples
}

type groupedSample struct {
	Sample
	values []int64
}

type sampleKey struct {
	stack   string // location IDs
	spanID  uint64
	traceID [16]byte
}

func (g *sampleGroup) add(sample *pprof.Sample, locations *locationTable) {
	key := sampleKey{spanID: spanID(sample.Label), traceID: traceID(sample.Label)}
	ids := make([]byte, 0, len(sample.Location)*2)
	for _, l := range sample.Location {
		ids = binary.AppendUvarint(ids, l.ID)
	}
	key.stack = string(ids)
	if i, ok := g.merged[key]; ok {
		for k, v := range sample.Value {
			g.samples[i].values[k] += v
		}
		return
	}
	g.merged[key] = len(g.samples)
	g.samples = append(g.samples, groupedSample{
		Sample: Sample{Stack: locations.stack(key.stack, sample.Location), SpanID: key.spanID, TraceID: key.traceID},
		values: slices.Clone(sample.Value),
	})
}

func (g *sampleGroup) profile(sampleType int) *Profile {
	p := new(Profile)
	for i := range g.samples {
		if v := g.samples[i].values[sampleType]; v > 0 {
			s := g.samples[i].Sample
			s.Value = v
			p.Samples = append(p.Samples, s)
		}
	}
	return p
}

func labelsKey(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	var key []byte
	for _, name := range names {
		key = appendString(appendString(key, name), labels[name])
	}
	return string(key)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
