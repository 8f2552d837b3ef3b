// Package pluginhost runs the plugin binary the way Grafana does: as a child
// process behind hashicorp/go-plugin, spoken to in the SDK's gRPC protocol. The
// demo, the workbench and the end-to-end tests use it.
package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	plugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// maxMessageBytes bounds one message between the host and the plugin. It is more
// than Grafana allows by default, so that the host is never the bottleneck.
const maxMessageBytes = 1 << 30

// A Process is a running plugin. It is safe for concurrent use.
type Process struct {
	client      *plugin.Client
	diagnostics grpcplugin.DiagnosticsClient
	resources   grpcplugin.ResourceClient
	data        grpcplugin.DataClient
}

// Start runs the binary, does the handshake and connects. The plugin's log lines
// go to logs. Close ends the process.
func Start(binary string, logs io.Writer) (*Process, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		Cmd: exec.Command(binary),
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{
			grpcplugin.ProtocolVersion: {
				"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
				"resource":    &grpcplugin.ResourceGRPCPlugin{},
				"data":        &grpcplugin.DataGRPCPlugin{},
			},
		},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Name: "plugin", Level: hclog.Warn, Output: logs}),
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes), grpc.MaxCallSendMsgSize(maxMessageBytes)),
		},
	})
	process := &Process{client: client}
	if err := process.connect(); err != nil {
		client.Kill()
		return nil, fmt.Errorf("starting the plugin: %w", err)
	}
	return process, nil
}

func (p *Process) connect() error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	return errors.Join(
		dispense(protocol, "diagnostics", &p.diagnostics),
		dispense(protocol, "resource", &p.resources),
		dispense(protocol, "data", &p.data),
	)
}

// dispense gets the client of one of the plugin's services.
func dispense[T any](protocol plugin.ClientProtocol, name string, client *T) error {
	raw, err := protocol.Dispense(name)
	if err != nil {
		return fmt.Errorf("service %s: %w", name, err)
	}
	typed, ok := raw.(T)
	if !ok {
		return fmt.Errorf("service %s: the SDK returned a %T", name, raw)
	}
	*client = typed
	return nil
}

// Close ends the process and waits for it.
func (p *Process) Close() { p.client.Kill() }

// Exited tells whether the process has ended.
func (p *Process) Exited() bool { return p.client.Exited() }

// PID is the id of the process.
func (p *Process) PID() int { return p.client.ReattachConfig().Pid }

// QueryData runs queries, as a dashboard does.
func (p *Process) QueryData(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response, err := p.data.QueryData(ctx, backend.ToProto().QueryDataRequest(request))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().QueryDataResponse(response)
}

// CheckHealth is what "Save & test" calls.
func (p *Process) CheckHealth(ctx context.Context, request *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	message := backend.ToProto().PluginContext(request.PluginContext)
	response, err := p.diagnostics.CheckHealth(ctx, &pluginv2.CheckHealthRequest{PluginContext: message, Headers: request.Headers})
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CheckHealthResponse(response), nil
}

// CollectMetrics returns the plugin's own metrics in the Prometheus text format.
func (p *Process) CollectMetrics(ctx context.Context, request *backend.CollectMetricsRequest) (*backend.CollectMetricsResult, error) {
	response, err := p.diagnostics.CollectMetrics(ctx, backend.ToProto().CollectMetricsRequest(request))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().CollectMetricsResponse(response), nil
}

// CallResource calls a resource and passes the parts of the answer on.
func (p *Process) CallResource(ctx context.Context, request *backend.CallResourceRequest, sender backend.CallResourceResponseSender) error {
	stream, err := p.resources.CallResource(ctx, backend.ToProto().CallResourceRequest(request))
	if err != nil {
		return err
	}
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := sender.Send(backend.FromProto().CallResourceResponse(response)); err != nil {
			return err
		}
	}
}
