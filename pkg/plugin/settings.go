package plugin

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

const (
	defaultTenant               = "anonymous"
	defaultMinStep              = 15 * time.Second
	defaultTimeout              = 60 * time.Second
	defaultMaxConcurrentQueries = 20
	// minMemoryBytes is the least that an answer of some size can be made in.
	minMemoryBytes = 16 << 20
)

// jsonModel is the data source's jsonData as it is stored and provisioned.
type jsonModel struct {
	MetastoreAddress     string   `json:"metastoreAddress"`
	QueryBackendAddress  string   `json:"queryBackendAddress"`
	Tenants              []string `json:"tenants"`
	MinStep              string   `json:"minStep"`
	MaxNodesDefault      *int64   `json:"maxNodesDefault"`
	MaxNodesMax          *int64   `json:"maxNodesMax"`
	MaxQueryLength       string   `json:"maxQueryLength"`
	MaxQueryLookback     string   `json:"maxQueryLookback"`
	Timeout              string   `json:"timeout"`
	MaxConcurrentQueries *int64   `json:"maxConcurrentQueries"`
	MaxMessageBytes      *int64   `json:"maxMessageBytes"`
	MaxMemoryBytes       *int64   `json:"maxMemoryBytes"`
	PartialAnswers       bool     `json:"partialAnswers"`
	TracesDatasourceUID  string   `json:"tracesDatasourceUid"`
	symbolsModel

	TLSEnabled        bool   `json:"tlsEnabled"`
	TLSAuth           bool   `json:"tlsAuth"`
	TLSAuthWithCACert bool   `json:"tlsAuthWithCACert"`
	TLSSkipVerify     bool   `json:"tlsSkipVerify"`
	ServerName        string `json:"serverName"`
}

// settings are the checked settings of one data source.
type settings struct {
	metastore    transport.Config
	queryBackend transport.Config
	frontend     queryfrontend.Config
	symbols      symbolSettings

	minStep              time.Duration
	timeout              time.Duration
	maxConcurrentQueries int
	maxMemoryBytes       int64 // 0: what the process has room for
	partialAnswers       bool
	tracesDatasourceUID  string
}

// parseSettings reads what a user configured. Its errors name the setting, the
// value and what is allowed, and never a secret.
func parseSettings(ctx context.Context, instance backend.DataSourceInstanceSettings) (settings, error) {
	model := jsonModel{}
	raw := instance.JSONData
	if len(raw) == 0 {
		raw = []byte("{}")
	}
	if err := readJSONData(raw, &model); err != nil {
		return settings{}, err
	}
	s := settings{
		frontend:            queryfrontend.Config{Limits: queryfrontend.DefaultLimits()},
		partialAnswers:      model.PartialAnswers,
		tracesDatasourceUID: model.TracesDatasourceUID,
	}
	connection, err := connection(ctx, model, instance)
	if err != nil {
		return settings{}, err
	}
	if s.metastore, err = service("metastoreAddress", model.MetastoreAddress, connection); err != nil {
		return settings{}, err
	}
	if s.queryBackend, err = service("queryBackendAddress", model.QueryBackendAddress, connection); err != nil {
		return settings{}, err
	}
	if s.frontend.Tenants, err = tenants(model.Tenants); err != nil {
		return settings{}, err
	}
	if s.symbols, err = model.symbolSettings(connection); err != nil {
		return settings{}, err
	}
	return s, s.setLimits(model)
}

// service is the configuration of the connection to one of the two services.
func service(setting, address string, connection transport.Config) (_ transport.Config, err error) {
	if strings.TrimSpace(address) == "" {
		return connection, fmt.Errorf("%s is not set: give a gRPC address such as dns:///pyroscope:9095 or host:9095,host2:9095", setting)
	}
	if connection.Address, err = naming.ParseAddress(address); err != nil {
		return connection, fmt.Errorf("%s: %w", setting, err)
	}
	return connection, nil
}

func (s *settings) setLimits(model jsonModel) (err error) {
	limits := &s.frontend.Limits
	for _, limit := range []struct {
		setting string
		text    string
		target  *time.Duration
		preset  time.Duration
		canBe0  bool
	}{
		{"maxQueryLength", model.MaxQueryLength, &limits.MaxQueryLength, limits.MaxQueryLength, true},
		{"maxQueryLookback", model.MaxQueryLookback, &limits.MaxQueryLookback, limits.MaxQueryLookback, true},
		{"minStep", model.MinStep, &s.minStep, defaultMinStep, false},
		{"timeout", model.Timeout, &s.timeout, defaultTimeout, false},
	} {
		if *limit.target, err = duration(limit.setting, limit.text, limit.preset, limit.canBe0); err != nil {
			return err
		}
	}
	s.metastore.Timeout, s.queryBackend.Timeout = s.timeout, s.timeout
	if limits.MaxNodesMax, err = number("maxNodesMax", model.MaxNodesMax, limits.MaxNodesMax, math.MaxInt32); err != nil {
		return err
	}
	preset := min(limits.MaxNodesDefault, limits.MaxNodesMax)
	if limits.MaxNodesDefault, err = number("maxNodesDefault", model.MaxNodesDefault, preset, limits.MaxNodesMax); err != nil {
		return err
	}
	concurrent, err := number("maxConcurrentQueries", model.MaxConcurrentQueries, defaultMaxConcurrentQueries, 10_000)
	if err != nil {
		return err
	}
	s.maxConcurrentQueries = int(concurrent)
	if s.maxMemoryBytes, err = number(memory.Setting, model.MaxMemoryBytes, 0, math.MaxInt64); err != nil {
		return err
	}
	if 0 < s.maxMemoryBytes && s.maxMemoryBytes < minMemoryBytes {
		return fmt.Errorf("%s must be at least %d; it is %d", memory.Setting, minMemoryBytes, s.maxMemoryBytes)
	}
	message, err := number(transport.SettingMaxMessageBytes, model.MaxMessageBytes, transport.DefaultMaxMessageBytes, math.MaxInt32)
	s.metastore.MaxMessageBytes, s.queryBackend.MaxMessageBytes = int(message), int(message)
	return err
}

// duration reads "90s", "24h", "7d", and "0" where a limit can be switched off.
func duration(setting, text string, preset time.Duration, canBe0 bool) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return preset, nil
	}
	d, err := parseDuration(text)
	switch {
	case text == "0" || err == nil && d == 0:
		if canBe0 {
			return 0, nil
		}
		return 0, fmt.Errorf("%s must be above 0, such as 15s or 1m; it is %q", setting, text)
	case err != nil || d < 0:
		if canBe0 {
			return 0, fmt.Errorf("%s must be a duration such as 24h or 7d, or 0 for no limit; it is %q", setting, text)
		}
		return 0, fmt.Errorf("%s must be a duration such as 15s or 1m; it is %q", setting, text)
	}
	return d, nil
}

func number(setting string, value *int64, preset, maximum int64) (int64, error) {
	if value == nil || *value == 0 {
		return preset, nil
	}
	if *value < 0 || *value > maximum {
		return 0, fmt.Errorf("%s must be between 1 and %d; it is %d", setting, maximum, *value)
	}
	return *value, nil
}
