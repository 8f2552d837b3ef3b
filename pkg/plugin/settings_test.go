package plugin_test

import (
	"context"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// Settings that cannot be used are told in the health check, with the setting,
// and no request goes anywhere.
func TestSettingsThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		change  map[string]any
		secrets map[string]string
		message string
	}{
		"no metastore":       {change: map[string]any{"metastoreAddress": ""}, message: "metastoreAddress is not set: give a gRPC address such as"},
		"no query-backend":   {change: map[string]any{"queryBackendAddress": " "}, message: "queryBackendAddress is not set"},
		"a URL":              {change: map[string]any{"metastoreAddress": "http://pyroscope:4040"}, message: "metastoreAddress:"},
		"no port":            {change: map[string]any{"queryBackendAddress": "pyroscope"}, message: "queryBackendAddress:"},
		"empty tenant":       {change: map[string]any{"tenants": []string{"a", ""}}, message: "tenants: entry 2"},
		"joined tenants":     {change: map[string]any{"tenants": []string{"a|b"}}, message: "list several tenants one by one"},
		"length":             {change: map[string]any{"maxQueryLength": "long"}, message: `maxQueryLength must be a duration such as 24h or 7d, or 0 for no limit; it is "long"`},
		"lookback":           {change: map[string]any{"maxQueryLookback": "-1h"}, message: "maxQueryLookback must be a duration"},
		"step":               {change: map[string]any{"minStep": "0"}, message: "minStep must be above 0"},
		"timeout":            {change: map[string]any{"timeout": "soon"}, message: "timeout must be a duration such as 15s"},
		"nodes":              {change: map[string]any{"maxNodesDefault": -1}, message: "maxNodesDefault must be between 1 and 1048576; it is -1"},
		"default above max":  {change: map[string]any{"maxNodesDefault": 100, "maxNodesMax": 10}, message: "maxNodesDefault must be between 1 and 10; it is 100"},
		"concurrency":        {change: map[string]any{"maxConcurrentQueries": -3}, message: "maxConcurrentQueries must be between"},
		"memory":             {change: map[string]any{"maxMemoryBytes": -1}, message: "maxMemoryBytes must be between"},
		"too little memory":  {change: map[string]any{"maxMemoryBytes": 1000}, message: "maxMemoryBytes must be at least 16777216; it is 1000"},
		"little cache":       {change: map[string]any{"cacheMaxBytes": 1000}, message: "cacheMaxBytes must be at least 1048576, or 0 to keep no answers; it is 1000"},
		"negative cache":     {change: map[string]any{"cacheMaxBytes": -1}, message: "cacheMaxBytes must be at least 1048576"},
		"message size":       {change: map[string]any{"maxMessageBytes": -1}, message: "maxMessageBytes must be between"},
		"no certificate":     {change: map[string]any{"tlsAuth": true}, message: "tlsClientCert or tlsClientKey is not set"},
		"no CA":              {change: map[string]any{"tlsAuthWithCACert": true}, message: "tlsCACert is not set"},
		"not a certificate":  {change: map[string]any{"tlsAuthWithCACert": true}, secrets: map[string]string{"tlsCACert": "hunter2"}, message: "CA"},
		"TLS without pair":   {change: map[string]any{"tlsAuth": true}, secrets: map[string]string{"tlsClientCert": "hunter2", "tlsClientKey": "hunter2"}, message: "must be PEM text"},
		"header, no text":    {change: map[string]any{"httpHeaderName1": 5}, message: "httpHeaderName1 must be text; it is 5"},
		"header left out":    {change: map[string]any{"httpHeaderName2": "X-A"}, secrets: map[string]string{"httpHeaderValue2": "a"}, message: "httpHeaderName1 is not set"},
		"header of gRPC":     {change: map[string]any{"httpHeaderName1": "grpc-timeout"}, secrets: map[string]string{"httpHeaderValue1": "hunter2"}, message: "belongs to HTTP or gRPC"},
		"URL, no text":       {change: map[string]any{"url": 5}, message: "url must be text; it is 5"},
		"user, no text":      {change: map[string]any{"basicAuth": true, "basicAuthUser": 5}, message: "basicAuthUser must be text"},
		"two credentials":    {change: map[string]any{"basicAuth": true, "basicAuthUser": "a"}, secrets: map[string]string{"bearerToken": "hunter2"}, message: "basic auth and bearerToken are both set"},
		"half an SRV name":   {change: map[string]any{"metastoreAddress": "dns:///_grpc._tcp."}, message: "metastoreAddress: address"},
		"wrong type of JSON": {change: map[string]any{"tenants": "anonymous"}, message: "jsonData cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{"metastoreAddress": "127.0.0.1:1", "queryBackendAddress": "127.0.0.1:1"}
			for field, value := range test.change {
				settings[field] = value
			}
			datasource := newDatasource(t, settings, test.secrets)
			health, err := datasource.CheckHealth(context.Background(), &backend.CheckHealthRequest{})
			require.NoError(t, err)
			require.Equal(t, backend.HealthStatusError, health.Status)
			require.Contains(t, health.Message, test.message)
			require.NotContains(t, health.Message, "hunter2")

			answer := queryData(t, datasource, backend.TimeRange{}, map[string]any{"refId": "A"})["A"]
			require.ErrorContains(t, answer.Error, "the data source is not set up")
			require.Equal(t, backend.ErrorSourceDownstream, answer.ErrorSource)
		})
	}
}
