package frame

import (
	"maps"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// LinkFunctions makes the names in a table of functions lead to what each of them took over
// time, in Explore. The selection says of which profiles, in the fields of a query. The UID
// is that of the data source; with none there are no links.
func LinkFunctions(f *data.Frame, uid string, selection map[string]any) {
	query := maps.Clone(selection)
	query["refId"], query["queryType"], query["groupBy"] = "A", "functionSeries", []string{}
	// A name is no expression: it has dots, brackets and stars.
	query["functions"] = "${__value.raw:regex}"
	linkField(f, "function", uid, "This function over time", query)
}

// LinkDifference makes the changed shares in a table of functions lead to the flame graph of
// the two sides, in Explore. The baseline is as in the field of a query. Names lead elsewhere,
// and a cell of two links looks like one of none in Explore's table (Grafana 12.3.3).
func LinkDifference(f *data.Frame, uid string, selection map[string]any, baseline any) {
	query := maps.Clone(selection)
	query["refId"], query["queryType"], query["groupBy"], query["diff"] = "A", "diff", []string{}, baseline
	linkField(f, "shareChange", uid, "Flame graph of the difference", query)
}
