package pluginhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// errReadOnly refuses a change of a provisioned data source. The words are
// Grafana's.
var errReadOnly = errors.New("Cannot update read-only data source") //nolint:staticcheck // as Grafana says it

// sources are the data sources of the host, which stand where Grafana has a
// database. They are safe for concurrent use.
type sources struct {
	mu     sync.RWMutex
	uids   []string
	byUID  map[string]source
	nextID int64
}

// A source is one data source as it is at one time; a change makes another one.
type source struct {
	context  backend.PluginContext
	readOnly bool
	version  int
}

// add takes a data source in. The first one added is the default.
func (s *sources) add(context backend.PluginContext, readOnly bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	settings := *context.DataSourceInstanceSettings
	s.nextID++
	settings.ID = s.nextID
	settings.Updated = time.Now()
	context.DataSourceInstanceSettings = &settings
	if s.byUID == nil {
		s.byUID = make(map[string]source)
	}
	s.uids = append(s.uids, settings.UID)
	s.byUID[settings.UID] = source{context: context, readOnly: readOnly, version: 1}
}

// get finds a data source; no uid means the default one.
func (s *sources) get(uid string) (source, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if uid == "" {
		uid = s.uids[0]
	}
	found, ok := s.byUID[uid]
	if !ok {
		return source{}, fmt.Errorf("there is no data source with uid %q", uid)
	}
	return found, nil
}

// all lists the data sources in the order in which they were added.
func (s *sources) all() []source {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]source, 0, len(s.uids))
	for _, uid := range s.uids {
		list = append(list, s.byUID[uid])
	}
	return list
}

// settingsChange is what a config editor saves. Secrets that it does not name
// stay as they are; an empty one is removed.
type settingsChange struct {
	Name             string            `json:"name"`
	URL              string            `json:"url"`
	User             string            `json:"user"`
	BasicAuth        bool              `json:"basicAuth"`
	BasicAuthUser    string            `json:"basicAuthUser"`
	JSONData         json.RawMessage   `json:"jsonData"`
	SecureJSONData   map[string]string `json:"secureJsonData"`
	SecureJSONFields map[string]bool   `json:"secureJsonFields"`
}

// change saves settings. The time of the change tells the plugin to start a new
// instance, as it does in Grafana.
func (s *sources) change(uid string, c settingsChange) (source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, ok := s.byUID[uid]
	if !ok {
		return source{}, fmt.Errorf("there is no data source with uid %q", uid)
	}
	if before.readOnly {
		return source{}, errReadOnly
	}
	settings := *before.context.DataSourceInstanceSettings
	settings.Name = c.Name
	settings.URL = c.URL
	settings.User = c.User
	settings.BasicAuthEnabled = c.BasicAuth
	settings.BasicAuthUser = c.BasicAuthUser
	settings.JSONData = c.JSONData
	settings.DecryptedSecureJSONData = changedSecrets(settings.DecryptedSecureJSONData, c)
	settings.Updated = time.Now()
	after := before
	after.context.DataSourceInstanceSettings = &settings
	after.version++
	s.byUID[uid] = after
	return after, nil
}

func changedSecrets(before map[string]string, c settingsChange) map[string]string {
	secrets := maps.Clone(before)
	if secrets == nil {
		secrets = make(map[string]string)
	}
	for name, isSet := range c.SecureJSONFields {
		if !isSet {
			delete(secrets, name)
		}
	}
	for name, value := range c.SecureJSONData {
		if value == "" {
			delete(secrets, name)
		} else {
			secrets[name] = value
		}
	}
	return secrets
}
