package debuginfod_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

const buildID = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

type buffer struct{ bytes.Buffer }

func (b *buffer) Reset() error { b.Buffer.Reset(); return nil }

func client(t testing.TB, c debuginfod.Config) *debuginfod.Client {
	t.Helper()
	made, err := debuginfod.New(c)
	require.NoError(t, err)
	return made
}

// serve runs a server that counts its requests.
func serve(t testing.TB, handle http.HandlerFunc) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

func notFound(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }

func file(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, content) }
}

func TestServersAreAskedInOrder(t *testing.T) {
	first, asked := serve(t, notFound)
	second, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, http.MethodGet, r.Method)
		assert.Equal(t, "/sub/buildid/"+buildID+"/debuginfo", r.URL.Path)
		assert.Equal(t, "tenant", r.Header.Get("X-Scope"))
		_, _ = fmt.Fprint(w, "content")
	})
	third, unasked := serve(t, file("other"))
	c := client(t, debuginfod.Config{URLs: []string{first, second + "/sub/", third}, Header: http.Header{"X-Scope": {"tenant"}}})
	var to buffer
	require.NoError(t, c.Debuginfo(t.Context(), strings.ToUpper(buildID), &to), "an id is sent in lower case")
	assert.Equal(t, "content", to.String())
	assert.EqualValues(t, 1, asked.Load())
	assert.Zero(t, unasked.Load())
}

func TestAnswers(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = fmt.Fprint(w, "half")
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	var tries atomic.Int64
	for name, test := range map[string]struct {
		handle   http.HandlerFunc
		id       string
		want     string // in the error
		is       error
		requests int64
	}{
		"found":          {handle: file("content"), requests: 1},
		"not found":      {handle: notFound, is: debuginfod.ErrNotFound, requests: 1},
		"other method":   {handle: status(400), want: "HTTP 400", requests: 1},
		"no credentials": {handle: status(401), want: "credentials", requests: 1},
		"failing":        {handle: status(503), want: "HTTP 503", requests: 3},
		"too many":       {handle: status(429), want: "HTTP 429", requests: 3},
		"failing at first": {handle: func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1) == 1 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			_, _ = fmt.Fprint(w, "content")
		}, requests: 2},
		"cut":       {handle: cut, want: "EOF", requests: 3},
		"too large": {handle: file(strings.Repeat("x", 2000)), is: debuginfod.ErrTooLarge, requests: 1},
		"announced large": {handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-DEBUGINFOD-SIZE", strconv.Itoa(1<<40))
			_, _ = fmt.Fprint(w, "x")
		}, is: debuginfod.ErrTooLarge, requests: 1},
		"id of odd length": {handle: file("content"), id: "abc", is: debuginfod.ErrBuildID},
		"id of a path":     {handle: file("content"), id: "../../../etc", is: debuginfod.ErrBuildID},
		"no id":            {handle: file("content"), id: "-", is: debuginfod.ErrBuildID},
		"elsewhere": {handle: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
		}, want: "none of the servers", requests: 1},
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := serve(t, test.handle)
			c := client(t, debuginfod.Config{URLs: []string{url}, MaxBytes: 1000})
			id := test.id
			if id == "" {
				id = buildID
			}
			var to buffer
			err := c.Debuginfo(t.Context(), id, &to)
			switch {
			case test.is != nil:
				require.ErrorIs(t, err, test.is)
			case test.want != "":
				require.ErrorContains(t, err, test.want)
				require.ErrorContains(t, err, url, "the server is named")
			default:
				require.NoError(t, err)
				assert.Equal(t, "content", to.String())
			}
			assert.Equal(t, test.requests, requests.Load())
		})
	}
}

func TestRedirectsAmongTheServersAreFollowed(t *testing.T) {
	second, _ := serve(t, file("content"))
	first, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, second+r.URL.Path, http.StatusFound)
	})
	var to buffer
	require.NoError(t, client(t, debuginfod.Config{URLs: []string{first, second}}).Debuginfo(t.Context(), buildID, &to))
	assert.Equal(t, "content", to.String())

	var loop string
	loop, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, loop+r.URL.Path, http.StatusFound) })
	require.Error(t, client(t, debuginfod.Config{URLs: []string{loop}}).Debuginfo(t.Context(), buildID, &to))
	assert.Less(t, requests.Load(), int64(10))
}

func TestAServerThatIsDownIsNotTheEnd(t *testing.T) {
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	up, _ := serve(t, file("content"))
	var to buffer
	require.NoError(t, client(t, debuginfod.Config{URLs: []string{down.URL, up}}).Debuginfo(t.Context(), buildID, &to))

	without, _ := serve(t, notFound)
	err := client(t, debuginfod.Config{URLs: []string{down.URL, without}}).Debuginfo(t.Context(), buildID, &to)
	require.Error(t, err)
	assert.NotErrorIs(t, err, debuginfod.ErrNotFound, "the server that is down may have it")
}

func TestTheCallerEndsIt(t *testing.T) {
	url, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, client(t, debuginfod.Config{URLs: []string{url}}).Debuginfo(ctx, buildID, new(buffer)), context.DeadlineExceeded)
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }
func (fullDisk) Reset() error              { return nil }

func TestAFullDiskIsNotTheServersFault(t *testing.T) {
	url, requests := serve(t, file("content"))
	require.ErrorContains(t, client(t, debuginfod.Config{URLs: []string{url}}).Debuginfo(t.Context(), buildID, fullDisk{}), "no space left")
	assert.EqualValues(t, 1, requests.Load(), "it is not tried again")
}

func TestURLsAreChecked(t *testing.T) {
	for _, url := range []string{"", "debuginfod.example.org", "ftp://example.org", "http://", "https://user:secret@example.org", "http://example.org?x=1", "http://[::1"} {
		_, err := debuginfod.New(debuginfod.Config{URLs: []string{url}})
		require.Error(t, err, url)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestCheckAsksEachServer(t *testing.T) {
	good, _ := serve(t, notFound)
	denied, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	other, _ := serve(t, file("<html>welcome</html>"))
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	statuses := client(t, debuginfod.Config{URLs: []string{good, denied, other, down.URL}}).Check(t.Context())
	require.Len(t, statuses, 4)
	require.NoError(t, statuses[0].Err)
	require.ErrorContains(t, statuses[1].Err, "credentials")
	require.ErrorContains(t, statuses[2].Err, "no debuginfod server")
	require.Error(t, statuses[3].Err)
	assert.Equal(t, good, statuses[0].URL)
}
