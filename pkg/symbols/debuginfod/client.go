package debuginfod

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	attempts       = 3
	firstBackoff   = 200 * time.Millisecond
	firstByte      = 90 * time.Second // servers may have to unpack an archive first
	idle           = 30 * time.Second // between two reads
	maxRedirects   = 5
	userAgent      = "pyrofront"
	sectionsAgain  = time.Hour // until a server that has no sections is asked for one again
	defaultMaxSize = 1 << 30
)

// A Config says whom to ask, and how.
type Config struct {
	// URLs are the servers, in the order in which they are asked.
	URLs []string
	// Header is sent with each request.
	Header http.Header
	// Transport sends requests; the standard library's if it is nil.
	Transport http.RoundTripper
	// MaxBytes is how large a file may be.
	MaxBytes int64
}

// A Client asks servers for debug files.
type Client struct {
	servers []*server
	header  http.Header
	http    *http.Client
	max     int64
}

type server struct {
	url string // without a slash at the end
	// noSections is until when the server is taken to have no sections, in Unix
	// seconds.
	noSections atomic.Int64
}

var (
	errRedirect = errors.New("a redirect that is not followed")
	errSink     = errors.New("writing what was fetched")
)

// New checks the servers' URLs.
func New(config Config) (*Client, error) {
	c := &Client{header: config.Header, max: config.MaxBytes}
	if c.max <= 0 {
		c.max = defaultMaxSize
	}
	hosts := map[string]bool{}
	for _, raw := range config.URLs {
		u, err := CheckURL(raw)
		if err != nil {
			return nil, err
		}
		hosts[strings.ToLower(u.Host)] = true
		c.servers = append(c.servers, &server{url: strings.TrimRight(u.String(), "/")})
	}
	c.http = &http.Client{
		Transport: config.Transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			switch {
			case len(via) > maxRedirects:
				return fmt.Errorf("%w: the %dth in a row", errRedirect, len(via))
			case !hosts[strings.ToLower(r.URL.Host)]:
				return fmt.Errorf("%w: to %s, which is none of the servers", errRedirect, r.URL.Host)
			case via[0].URL.Scheme == "https" && r.URL.Scheme != "https":
				return fmt.Errorf("%w: from https to %s", errRedirect, r.URL.Scheme)
			}
			return nil
		},
	}
	return c, nil
}

// CheckURL checks a server's URL.
func CheckURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%q is no URL", raw)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("%q: a URL starts with http:// or https://", raw)
	case u.Host == "":
		return nil, fmt.Errorf("%q: the URL names no host", raw)
	case u.User != nil:
		return nil, fmt.Errorf("the URL of %s has credentials in it: they belong into a header", u.Host)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q: a URL ends with its path", raw)
	}
	return u, nil
}

// A Sink takes a file. Reset empties it, for another try.
type Sink interface {
	io.Writer
	Reset() error
}

// Debuginfo fetches the debug file of a build id.
func (c *Client) Debuginfo(ctx context.Context, buildID string, to Sink) error {
	return c.fetch(ctx, buildID, "debuginfo", to)
}

// Executable fetches the program or library of a build id.
func (c *Client) Executable(ctx context.Context, buildID string, to Sink) error {
	return c.fetch(ctx, buildID, "executable", to)
}

// fetch asks one server after the other. Where all say that they do not have it,
// it is not found; where one could not say, that error is returned.
func (c *Client) fetch(ctx context.Context, buildID, what string, to Sink) error {
	id, err := BuildID(buildID)
	if err != nil {
		return err
	}
	var failure error
	for _, s := range c.servers {
		err := c.try(ctx, s.url+"/buildid/"+id+"/"+what, to)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, ErrNotFound) && failure == nil:
			failure = &ServerError{s.url, err}
		}
	}
	if failure != nil {
		return failure
	}
	return ErrNotFound
}

// try asks one server, a few times where it fails in a way that may pass.
func (c *Client) try(ctx context.Context, target string, to Sink) error {
	wait := firstBackoff
	for attempt := 1; ; attempt++ {
		err := c.get(ctx, target, to)
		if err == nil || !transient(err) || attempt == attempts {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait *= 3
	}
}

// get asks once.
func (c *Client) get(ctx context.Context, target string, to Sink) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// The server must go on answering. How long it takes in all is the caller's to
	// bound.
	stalled := time.AfterFunc(firstByte, func() { cancel(errStalled) })
	defer stalled.Stop()
	defer func() {
		if cause := context.Cause(ctx); err != nil && errors.Is(cause, errStalled) {
			err = cause
		}
	}()
	if err := to.Reset(); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	request.Header = c.header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header.Set("User-Agent", userAgent)
	response, err := c.http.Do(request)
	if err != nil {
		return plain(err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode == http.StatusNotFound:
		return ErrNotFound
	case response.StatusCode != http.StatusOK:
		return &StatusError{response.StatusCode}
	case response.ContentLength > c.max || sizeHeader(response) > c.max:
		return ErrTooLarge
	}
	return c.copy(to, response.Body, stalled)
}

var errStalled = errors.New("the server stopped answering")

// copy writes the body to the sink.
func (c *Client) copy(to Sink, body io.Reader, stalled *time.Timer) error {
	buffer := make([]byte, 256<<10)
	for total := int64(0); ; {
		stalled.Reset(idle)
		n, err := body.Read(buffer)
		if total += int64(n); total > c.max {
			return ErrTooLarge
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return fmt.Errorf("%w: %w", errSink, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sizeHeader is how large the server says the file is, 0 if it does not.
func sizeHeader(r *http.Response) int64 {
	n, _ := strconv.ParseInt(r.Header.Get("X-Debuginfod-Size"), 10, 64)
	return n
}

// plain is an error of the HTTP client without the URL, which the server is named
// beside.
func plain(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}
