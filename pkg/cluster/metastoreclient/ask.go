package metastoreclient

import (
	"context"

	"google.golang.org/grpc"
)

// Ask asks a question of one endpoint of the metastore's address after the other until one answers, for a health check: it
// may be about services that a metastore does not have. There are no retries.
func (c *Client) Ask(ctx context.Context, question func(context.Context, grpc.ClientConnInterface) error) error {
	_, err := c.transport.Check(ctx, func(ctx context.Context, conn grpc.ClientConnInterface) (struct{}, error) {
		return struct{}{}, question(ctx, conn)
	})
	return err
}
