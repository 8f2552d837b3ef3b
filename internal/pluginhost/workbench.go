package pluginhost

import (
	"io/fs"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// ProvisionedSuffix ends the uid of the workbench's read-only data source.
const ProvisionedSuffix = "-provisioned"

// NewWorkbench serves what NewHandler serves, the built plugin where Grafana has
// it (/public/plugins/<plugin id>/, from dist) and the workbench's built page at
// the root (from page). Beside the data source itself there is a read-only twin,
// as provisioning makes it; its uid ends in ProvisionedSuffix.
func NewWorkbench(process *Process, settings backend.PluginContext, dist, page fs.FS) http.Handler {
	h := &handler{process: process}
	h.sources.add(settings, false)
	twin := settings
	twinSettings := *settings.DataSourceInstanceSettings
	twinSettings.UID += ProvisionedSuffix
	twinSettings.Name += " (provisioned)"
	twin.DataSourceInstanceSettings = &twinSettings
	h.sources.add(twin, true)

	mux := http.NewServeMux()
	mux.Handle("/api/", h.routes())
	plugin := "/public/plugins/" + settings.PluginID + "/"
	mux.Handle(plugin, http.StripPrefix(plugin, fresh(http.FileServerFS(dist))))
	mux.Handle("/", fresh(http.FileServerFS(page)))
	return mux
}

// fresh makes browsers ask again, so that a rebuilt plugin is the one they run.
func fresh(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}
