package frame

import "github.com/grafana/grafana-plugin-sdk-go/data"

// Meta is what Grafana shows beside the data of one query: in the query
// inspector and in the corner of the panel.
type Meta struct {
	// ExecutedQueryString says what was really asked, after all rewriting.
	ExecutedQueryString string
	// Notices are shown in the panel's corner.
	Notices []data.Notice
	// Stats are shown in the inspector's Stats tab. See Stat.
	Stats []data.QueryStat
}

// Apply puts the metadata on the frames of one query: on the first only, because
// Grafana lists those of all frames together, and each would repeat the query.
// Metadata that is already there is kept, and notices of other frames go to the
// first too: Grafana does not show those of exemplars and annotations.
func (m Meta) Apply(frames ...*data.Frame) {
	for i, f := range frames {
		if f.Meta == nil {
			f.Meta = &data.FrameMeta{}
		}
		if i > 0 {
			frames[0].Meta.Notices = append(frames[0].Meta.Notices, f.Meta.Notices...)
			f.Meta.Notices = nil
			continue
		}
		f.Meta.ExecutedQueryString = m.ExecutedQueryString
		f.Meta.Notices = append(f.Meta.Notices, m.Notices...)
		f.Meta.Stats = append(f.Meta.Stats, m.Stats...)
	}
}

// Stat is one line of the inspector's Stats tab. The unit is one of Grafana's
// unit ids, such as "bytes", "ms" or "short".
func Stat(name, unit string, value float64) data.QueryStat {
	return data.QueryStat{FieldConfig: data.FieldConfig{DisplayName: name, Unit: unit}, Value: value}
}
