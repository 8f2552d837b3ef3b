package queryplan

import (
	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// The formats of metastore.v1.Dataset.
const (
	formatDataset = 0 // one service's data: profiles, series index, symbols
	formatIndex   = 1 // a tenant-wide index: all series of a tenant in a block, and the datasets they are in
)

// Sections are sizes in bytes of a dataset's sections, as its table of contents
// has them (metastore.v1.Dataset.table_of_contents).
type Sections struct {
	Profiles, TSDB, Symbols uint64
}

// Total is the size of all sections.
func (s Sections) Total() uint64 {
	return addBytes(addBytes(s.Profiles, s.TSDB), s.Symbols)
}

// SectionsOf returns the sizes of a dataset's sections. A tenant-wide index
// consists of a series index only. Where the table of contents is missing or out
// of order, the whole size is counted as profiles: the dataset costs what it
// costs, but which part of it is unknown.
func SectionsOf(d *metastorev1.Dataset) Sections {
	return sectionsOf(d.GetSize(), d.GetFormat(), d.GetTableOfContents())
}

func sectionsOf(size uint64, format uint32, contents []uint64) Sections {
	if format == formatIndex {
		return Sections{TSDB: size}
	}
	if len(contents) < 3 {
		return Sections{Profiles: size}
	}
	end := addBytes(contents[0], size)
	if contents[0] > contents[1] || contents[1] > contents[2] || contents[2] > end {
		return Sections{Profiles: size}
	}
	return Sections{
		Profiles: contents[1] - contents[0],
		TSDB:     contents[2] - contents[1],
		Symbols:  end - contents[2],
	}
}

// sectionSet says which sections a query-backend opens in each dataset.
type sectionSet uint8

const (
	readsTSDB sectionSet = 1 << iota
	readsProfiles
	readsSymbols

	readsAll = readsTSDB | readsProfiles | readsSymbols
)

// sectionsRead is the union over a request's queries: a query-backend opens a
// dataset once, with the sections that any of them needs. A type that is not
// known yet is taken to need all.
func sectionsRead(queries []*queryv1.Query) sectionSet {
	var read sectionSet
	for _, q := range queries {
		switch q.GetQueryType() {
		case queryv1.QueryType_QUERY_LABEL_NAMES,
			queryv1.QueryType_QUERY_LABEL_VALUES,
			queryv1.QueryType_QUERY_SERIES_LABELS:
			read |= readsTSDB
		case queryv1.QueryType_QUERY_TIME_SERIES,
			queryv1.QueryType_QUERY_TIME_SERIES_COMPACT,
			queryv1.QueryType_QUERY_HEATMAP:
			read |= readsTSDB | readsProfiles
		default:
			read |= readsAll
		}
	}
	return read
}

// indexOnly says that a tenant-wide index answers the queries with no dataset
// opened.
func (s sectionSet) indexOnly() bool { return s == readsTSDB }
