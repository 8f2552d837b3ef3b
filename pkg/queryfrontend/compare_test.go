package queryfrontend_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// An encoding is a way to send a Connect request over HTTP.
type encoding struct {
	name, contentType string
	gzip              bool
}

var (
	jsonEncoding      = encoding{name: "json", contentType: "application/json"}
	gzipJSONEncoding  = encoding{name: "json+gzip", contentType: "application/json", gzip: true}
	protoEncoding     = encoding{name: "proto", contentType: "application/proto"}
	gzipProtoEncoding = encoding{name: "proto+gzip", contentType: "application/proto", gzip: true}
)

func (e encoding) marshal(t testing.TB, message proto.Message) []byte {
	marshal := proto.Marshal
	if strings.HasSuffix(e.contentType, "json") {
		marshal = protojson.Marshal
	}
	raw, err := marshal(message)
	require.NoError(t, err)
	return raw
}

func (e encoding) unmarshal(t testing.TB, raw []byte, message proto.Message) {
	decode := proto.Unmarshal
	if strings.HasSuffix(e.contentType, "json") {
		decode = protojson.Unmarshal
	}
	require.NoError(t, decode(raw, message))
}

// difference is empty for equal messages. Comparing is far cheaper than finding
// out what differs.
func difference(want, got proto.Message) string {
	if proto.Equal(want, got) {
		return ""
	}
	return cmp.Diff(want, got, protocmp.Transform())
}

// neutralNames are for the recorded DOT graph: the corpus has neutral paths for the
// recording program (see its README), but the ends of the true ones are left where
// the graph shows no more of them.
var neutralNames = strings.NewReplacer(
	`\nmain.go:`, `\nm.go:`,
	`digraph "load"`, `digraph "orders"`, `"File: load`, `"File: orders`, `tooltip="load"`, `tooltip="orders"`,
)

// sortUnordered sorts what the API leaves open: label names and values, label
// sets, series, profile types, and the exemplars of one heat map slot. It also
// names the recording program alike in all of a DOT graph: see neutralNames.
func sortUnordered(message proto.Message) {
	switch m := message.(type) {
	case *typesv1.LabelNamesResponse:
		slices.Sort(m.Names)
	case *typesv1.LabelValuesResponse:
		slices.Sort(m.Names)
	case *querierv1.ProfileTypesResponse:
		slices.SortFunc(m.ProfileTypes, func(a, b *typesv1.ProfileType) int { return strings.Compare(a.ID, b.ID) })
	case *querierv1.SeriesResponse:
		sortByText(m.LabelsSet)
	case *querierv1.SelectSeriesResponse:
		sortByText(m.Series)
	case *querierv1.SelectHeatmapResponse:
		sortByText(m.Series)
		for _, series := range m.Series {
			for _, slot := range series.Slots {
				sortByText(slot.Exemplars)
			}
		}
	case *querierv1.SelectMergeStacktracesResponse:
		m.Dot = neutralNames.Replace(m.Dot)
	}
}

func sortByText[T proto.Message](messages []T) {
	slices.SortFunc(messages, func(a, b T) int { return strings.Compare(text(a), text(b)) })
}

// text orders messages; it is the same for equal messages.
func text(m proto.Message) string {
	raw, _ := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	return string(raw)
}
