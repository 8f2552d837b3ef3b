// Pyrofront is a Grafana data source that queries a Pyroscope v2 cluster itself,
// in place of the cluster's query-frontend.
package main

import (
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"

	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const pluginID = "pyrofront-pyroscope-datasource"

func main() {
	if err := datasource.Manage(pluginID, plugin.NewDatasource, datasource.ManageOpts{}); err != nil {
		backend.Logger.Error("The plugin ended", "error", err)
		os.Exit(1)
	}
}
