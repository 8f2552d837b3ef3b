package pluginhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// dataSourceJSON is a data source as Grafana's HTTP API has it: secrets are named,
// not shown.
type dataSourceJSON struct {
	ID               int64           `json:"id"`
	UID              string          `json:"uid"`
	OrgID            int64           `json:"orgId"`
	Name             string          `json:"name"`
	Type             string          `json:"type"`
	Access           string          `json:"access"`
	URL              string          `json:"url"`
	User             string          `json:"user"`
	BasicAuth        bool            `json:"basicAuth"`
	BasicAuthUser    string          `json:"basicAuthUser"`
	IsDefault        bool            `json:"isDefault"`
	JSONData         json.RawMessage `json:"jsonData"`
	SecureJSONFields map[string]bool `json:"secureJsonFields"`
	Version          int             `json:"version"`
	ReadOnly         bool            `json:"readOnly"`
}

func (h *handler) describe(s source) dataSourceJSON {
	settings := s.context.DataSourceInstanceSettings
	secrets := make(map[string]bool, len(settings.DecryptedSecureJSONData))
	for name := range settings.DecryptedSecureJSONData {
		secrets[name] = true
	}
	return dataSourceJSON{
		ID:               settings.ID,
		UID:              settings.UID,
		OrgID:            1,
		Name:             settings.Name,
		Type:             s.context.PluginID,
		Access:           "proxy",
		URL:              settings.URL,
		User:             settings.User,
		BasicAuth:        settings.BasicAuthEnabled,
		BasicAuthUser:    settings.BasicAuthUser,
		IsDefault:        settings.ID == 1,
		JSONData:         settings.JSONData,
		SecureJSONFields: secrets,
		Version:          s.version,
		ReadOnly:         s.readOnly,
	}
}

func (h *handler) listDataSources(w http.ResponseWriter, _ *http.Request) {
	list := []dataSourceJSON{}
	for _, s := range h.sources.all() {
		list = append(list, h.describe(s))
	}
	writeJSON(w, http.StatusOK, list)
}

func (h *handler) getDataSource(w http.ResponseWriter, r *http.Request) {
	s, err := h.sources.get(r.PathValue("uid"))
	if err != nil {
		fail(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, h.describe(s))
}

func (h *handler) saveDataSource(w http.ResponseWriter, r *http.Request) {
	var change settingsChange
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(&change); err != nil {
		fail(w, http.StatusBadRequest, fmt.Errorf("the settings cannot be read: %w", err))
		return
	}
	s, err := h.sources.change(r.PathValue("uid"), change)
	switch {
	case errors.Is(err, errReadOnly):
		fail(w, http.StatusForbidden, err)
	case err != nil:
		fail(w, http.StatusNotFound, err)
	default:
		writeJSON(w, http.StatusOK, map[string]any{"message": "Datasource updated", "datasource": h.describe(s)})
	}
}
