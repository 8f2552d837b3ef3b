package plugin

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

func TestSettingsOfAWrongTypeAreNamed(t *testing.T) {
	for json, message := range map[string]string{
		`{"maxNodesDefault": "4096"}`:       "maxNodesDefault must be a whole number; it is text",
		`{"maxNodesMax": 1.5}`:              "maxNodesMax must be a whole number; it is number 1.5",
		`{"tenants": "team-a"}`:             "tenants must be a list of texts; it is text",
		`{"tenants": [1]}`:                  "tenants must be text; it is number",
		`{"timeout": 60}`:                   "timeout must be text; it is number",
		`{"tlsEnabled": "true"}`:            "tlsEnabled must be true or false; it is text",
		`{"metastoreAddress": ["a:1"]}`:     "metastoreAddress must be text; it is a list",
		`{"maxConcurrentQueries": {"a":1}}`: "maxConcurrentQueries must be a whole number; it is an object",
		`[]`:                                "it must be an object of settings; it is a list",
	} {
		t.Run(json, func(t *testing.T) {
			_, err := parseSettings(t.Context(), backend.DataSourceInstanceSettings{JSONData: []byte(json)})
			require.ErrorContains(t, err, message)
			require.NotContains(t, err.Error(), "Go value")
		})
	}
}
