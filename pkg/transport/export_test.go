package transport

import "time"

// SetRefresh sets how often names are looked up.
func (p *Pool) SetRefresh(d time.Duration) { p.refreshEvery = d }

// Size is the number of endpoints.
func (p *Pool) Size() int { return p.size() }

// SetRetryWindow sets how long calls are retried.
func (p *Pool) SetRetryWindow(d time.Duration) { p.retryFor = d }
