package queryfrontend

import (
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// What shaping an answer takes, by what there is to shape; the messages themselves were counted when they were decoded.
// Each is measured on the worst of its kind, and rounded up.
const (
	planBlockBytes   = 256 // a row of the inventory, and the block in the request and its encoding
	planDatasetBytes = 256
	planTextBytes    = 64  // a text of the block that is read, and what the table grows out of
	planLabelBytes   = 16  // a byte can be a number of four, and grows too
	treeNodeBytes    = 160 // a node with a name of its own: the name, and its place in the map of names
	keptNodeBytes    = 160 // a node of a tree that is cut, its name among it
	seriesBytes      = 256
	pointBytes       = 128
	exemplarBytes    = 320
	labelBytes       = 96
	drawnEntryBytes  = 64  // an entry of a stack, parsed again for pprof's driver and in its graph
	heatmapCellBytes = 800 // a column of one point, and its slot
)

// shared is what all callers of one run have, with the account of its memory.
type shared struct {
	results []result
	account *memory.Account
}

// share counts the callers in; the run itself lets go.
func (s shared) share(callers int) {
	s.account.Share(callers)
	s.account.Close()
}

func (s shared) close() { s.account.Close() }

// sharedLabels is the same for labels of metadata.
type sharedLabels struct {
	labels  []*typesv1.Labels
	account *memory.Account
}

func (s sharedLabels) share(callers int) {
	s.account.Share(callers)
	s.account.Close()
}

func (s sharedLabels) close() { s.account.Close() }

// planBytes is what planning over metadata takes.
func planBytes(metadata []queryplan.Metadata) (bytes int64) {
	for _, answer := range metadata {
		size := answer.Size()
		bytes += planBlockBytes*int64(size.Blocks) + planDatasetBytes*int64(size.Datasets) +
			planTextBytes*int64(size.Texts) + planLabelBytes*int64(size.DatasetBytes)
	}
	return bytes
}

// shapeBytes is what shaping a report takes. Trees and pprof profiles count for themselves.
func shapeBytes(report *queryv1.Report) (bytes int64) {
	bytes += seriesBytes * int64(len(report.GetTimeSeries().GetTimeSeries()))
	for _, s := range report.GetTimeSeriesCompact().GetTimeSeries() {
		bytes += seriesBytes + labelBytes*int64(len(s.GetAttributeRefs())) + pointBytes*int64(len(s.GetPoints()))
		for _, p := range s.GetPoints() {
			bytes += labelBytes * int64(len(p.GetAnnotationRefs()))
			for _, e := range p.GetExemplars() {
				bytes += exemplarBytes + labelBytes*int64(len(e.GetAttributeRefs()))
			}
		}
	}
	for _, s := range report.GetHeatmap().GetHeatmapSeries() {
		bytes += seriesBytes + labelBytes*int64(len(s.GetAttributeRefs())) + heatmapCellBytes*int64(len(s.GetPoints()))
		for _, p := range s.GetPoints() {
			bytes += labelBytes * int64(len(p.GetAttributeRefs()))
		}
	}
	return bytes
}
