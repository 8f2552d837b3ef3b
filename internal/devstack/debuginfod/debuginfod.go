// Package debuginfod is a stand-in for a debuginfod server, for the demo and the
// tests, with a debug file to serve and a profile of the library that it is of.
package debuginfod

import (
	"bytes"
	"debug/elf"
	_ "embed"
	"net"
	"net/http"
	"time"

	"github.com/google/pprof/profile"
)

// BuildID is that of the library, and Library its name.
const (
	BuildID = "b99dde9e838b0b9a6338c22c5dabf31a9d588a39"
	Library = "libresize.so"
)

// resize is made of testdata/resize.c: see the comment in it.
//
//go:embed testdata/resize.debug
var resize []byte

// Places in the library. Four functions are inlined into one another at the first.
const (
	addressOfPixel = 0x2f7
	addressOfStore = 0x311
	addressOfCall  = 0x371
)

// Handler serves debug files by build id as elfutils' server does: whole, and by
// section.
func Handler(files map[string][]byte) http.Handler {
	mux := http.NewServeMux()
	find := func(w http.ResponseWriter, r *http.Request) []byte {
		file := files[r.PathValue("id")]
		if file == nil {
			http.Error(w, "not found", http.StatusNotFound)
		}
		return file
	}
	mux.HandleFunc("GET /buildid/{id}/debuginfo", func(w http.ResponseWriter, r *http.Request) {
		if file := find(w, r); file != nil {
			_, _ = w.Write(file)
		}
	})
	mux.HandleFunc("GET /buildid/{id}/section/{name}", func(w http.ResponseWriter, r *http.Request) {
		file := find(w, r)
		if file == nil {
			return
		}
		section := rawSection(file, r.PathValue("name"))
		if section == nil {
			http.Error(w, "no such section", http.StatusNotFound)
			return
		}
		_, _ = w.Write(section)
	})
	return mux
}

// rawSection is a section as it lies in the file, nil if it is not there.
func rawSection(file []byte, name string) []byte {
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	s := f.Section(name)
	if s == nil || s.Type == elf.SHT_NOBITS || s.Offset+s.FileSize > uint64(len(file)) {
		return nil
	}
	return file[s.Offset : s.Offset+s.FileSize]
}

// A Server has the debug file of the library.
type Server struct {
	http *http.Server
	url  string
}

// Start runs a server on the loopback interface. Close ends it.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{
		http: &http.Server{Handler: Handler(map[string][]byte{BuildID: resize}), ReadHeaderTimeout: 10 * time.Second},
		url:  "http://" + listener.Addr().String(),
	}
	go func() { _ = s.http.Serve(listener) }()
	return s, nil
}

// URL is what a data source's debuginfodUrls has.
func (s *Server) URL() string { return s.url }

// Close stops the server.
func (s *Server) Close() { _ = s.http.Close() }

// Profile is a CPU profile of the library, as a profiler that sees it from outside
// takes it: with a build id and addresses, and no function.
func Profile(nanoseconds int64) *profile.Profile {
	mapping := &profile.Mapping{ID: 1, File: "/usr/lib/" + Library, BuildID: BuildID}
	at := func(id, address uint64) *profile.Location {
		return &profile.Location{ID: id, Mapping: mapping, Address: address}
	}
	pixel, store, call := at(1, addressOfPixel), at(2, addressOfStore), at(3, addressOfCall)
	const period = 10_000_000
	value := func(n int64) []int64 { return []int64{n / period, n} }
	return &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     period,
		Mapping:    []*profile.Mapping{mapping},
		Location:   []*profile.Location{pixel, store, call},
		Sample: []*profile.Sample{
			{Location: []*profile.Location{pixel, call}, Value: value(nanoseconds / 4 * 3)},
			{Location: []*profile.Location{store, call}, Value: value(nanoseconds / 4)},
		},
	}
}
