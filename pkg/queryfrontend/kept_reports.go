package queryfrontend

import (
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/wiresize"
)

// reportSizes tells what kept reports take once they are decoded.
var reportSizes wiresize.Sizer

// encodeReports writes reports down, to be kept.
func encodeReports(reports []*queryv1.Report) ([][]byte, error) {
	kept := make([][]byte, 0, len(reports))
	for _, report := range reports {
		encoded, err := report.MarshalVT()
		if err != nil {
			return nil, err
		}
		kept = append(kept, encoded)
	}
	return kept, nil
}

// decodeReports reads reports that were kept. What they take is taken first.
func decodeReports(kept [][]byte, take func(bytes int64) error) ([]*queryv1.Report, error) {
	reports := make([]*queryv1.Report, 0, len(kept))
	for _, encoded := range kept {
		report := new(queryv1.Report)
		bytes, err := reportSizes.Decoded(encoded, report)
		if err == nil {
			if err := take(bytes); err != nil {
				return nil, err
			}
			err = report.UnmarshalVT(encoded)
		}
		if err != nil {
			return nil, malformed("query-backend", err)
		}
		reports = append(reports, report)
	}
	return reports, nil
}
