// Pyrofront is a Grafana data source that queries a Pyroscope v2 cluster itself,
// in place of the cluster's query-frontend.
package main

import (
	"io"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/grpclog"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/plugin"
)

const pluginID = "pyrofront-pyroscope-datasource"

func main() {
	// gRPC logs connection trouble by itself, each line on standard error. What
	// matters of it is in the errors of queries and of the health check.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	factory := plugin.NewFactory(prometheus.DefaultRegisterer, memory.ForQueries(memory.Limit()))
	if err := datasource.Manage(pluginID, factory.NewDatasource, datasource.ManageOpts{}); err != nil {
		backend.Logger.Error("The plugin ended", "error", err)
		os.Exit(1)
	}
}
