package querybackend

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A kind is what the server knows of one query type.
type kind struct {
	report queryv1.ReportType
	reads  sections
	// aloneAsIs says that a lone report is passed on unmerged. The other
	// kinds' reports take their final form only in the merge.
	aloneAsIs bool
	// prepare validates a query's parameters. Its error is the caller's
	// fault, or has a gRPC status of its own.
	prepare func(*request, *queryv1.Query) (query, error)
}

// A query is one query of a request, validated.
type query interface {
	// collect starts a pass over one dataset.
	collect() collector
	// merge starts merging reports of datasets, or of peers.
	merge() merger
}

// A collector sees a dataset's matching series, one after the other, each
// followed by its profiles of the time range. Kinds that read the series index
// alone get no profiles. The arguments are shared and must not be changed.
type collector interface {
	series(labels []*typesv1.LabelPair)
	profile(labels []*typesv1.LabelPair, p *blockstore.Profile)
	// report is called once, after the last profile.
	report() (*queryv1.Report, error)
}

// A nativeCollector is a collector that wants to know whether the dataset is
// marked to hold native code without symbols: native is called first if it is.
type nativeCollector interface {
	collector
	native()
}

// seriesOnly is embedded by collectors of kinds that read the series index
// alone.
type seriesOnly struct{}

func (seriesOnly) profile([]*typesv1.LabelPair, *blockstore.Profile) {}

// profilesOnly is embedded by collectors that learn all from profiles.
type profilesOnly struct{}

func (profilesOnly) series([]*typesv1.LabelPair) {}

// A merger makes one report of several. It may keep and change what it gets.
type merger interface {
	add(*queryv1.Report) error
	// report is called once, after at least one add.
	report() (*queryv1.Report, error)
}

// sections says which parts of a dataset a query reads.
type sections struct{ profiles, tsdb, symbols bool }

func (s sections) with(o sections) sections {
	return sections{
		profiles: s.profiles || o.profiles,
		tsdb:     s.tsdb || o.tsdb,
		symbols:  s.symbols || o.symbols,
	}
}

// indexOnly says that the series index is all that is read. Such queries are
// answered from the tenant-wide index where the plan names that, and see
// series whether or not they have profiles of the time range.
func (s sections) indexOnly() bool { return !s.profiles && !s.symbols }

// kindOf is the table of query types.
func kindOf(t queryv1.QueryType) (kind, error) {
	var (
		index   = sections{tsdb: true}
		values  = sections{tsdb: true, profiles: true}
		samples = sections{tsdb: true, profiles: true, symbols: true}
	)
	switch t {
	case queryv1.QueryType_QUERY_LABEL_NAMES:
		return kind{queryv1.ReportType_REPORT_LABEL_NAMES, index, true, prepareLabelNames}, nil
	case queryv1.QueryType_QUERY_LABEL_VALUES:
		return kind{queryv1.ReportType_REPORT_LABEL_VALUES, index, true, prepareLabelValues}, nil
	case queryv1.QueryType_QUERY_SERIES_LABELS:
		return kind{queryv1.ReportType_REPORT_SERIES_LABELS, index, true, prepareSeriesLabels}, nil
	case queryv1.QueryType_QUERY_TIME_SERIES:
		return kind{queryv1.ReportType_REPORT_TIME_SERIES, values, false, prepareTimeSeries}, nil
	case queryv1.QueryType_QUERY_TIME_SERIES_COMPACT:
		return kind{queryv1.ReportType_REPORT_TIME_SERIES_COMPACT, values, false, prepareTimeSeriesCompact}, nil
	case queryv1.QueryType_QUERY_TREE:
		return kind{queryv1.ReportType_REPORT_TREE, samples, true, prepareTree}, nil
	case queryv1.QueryType_QUERY_PPROF:
		return kind{queryv1.ReportType_REPORT_PPROF, samples, true, preparePprof}, nil
	case queryv1.QueryType_QUERY_HEATMAP:
		return kind{queryv1.ReportType_REPORT_HEATMAP, values, false, prepareHeatmap}, nil
	default:
		return kind{}, fmt.Errorf("unknown query type %s", t)
	}
}
