package plugin

import (
	"context"
	"fmt"
	"net"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"golang.org/x/net/proxy"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// socksDialer dials through Grafana's secure socks proxy where the data source
// has it turned on (jsonData.enableSecureSocksProxy), as private data source
// connections do. Without it, it is nil.
func socksDialer(ctx context.Context, instance backend.DataSourceInstanceSettings) (transport.Dialer, error) {
	client, err := instance.ProxyClient(ctx)
	if err != nil {
		return nil, fmt.Errorf("secure socks proxy: %w", err)
	}
	if !client.SecureSocksProxyEnabled() {
		return nil, nil
	}
	dialer, err := client.NewSecureSocksProxyContextDialer()
	if err != nil {
		return nil, fmt.Errorf("secure socks proxy: %w", err)
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if contextual, ok := dialer.(proxy.ContextDialer); ok {
			return contextual.DialContext(ctx, network, address)
		}
		return dialer.Dial(network, address)
	}, nil
}
