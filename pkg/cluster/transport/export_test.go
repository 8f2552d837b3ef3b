package transport

import "time"

// SetRefresh sets how often names are looked up.
func (c *Client) SetRefresh(d time.Duration) { c.refreshEvery = d }

// Size is the number of endpoints.
func (c *Client) Size() int {
	_, n := c.table.untried(nil)
	return n
}

// SetRetryWindow sets how long calls are retried.
func (c *Client) SetRetryWindow(d time.Duration) { c.retryFor = d }
