// Package profile is the model of profiling data as the Query API of Pyroscope
// shows it: profile types, label selectors, call trees and their wire form,
// flame graphs and their differences, top functions, pprof profiles and their
// DOT text, time series and heat maps.
//
// Everything here is a pure function of its arguments. What arrives from a
// query-backend is decoded with every length and index checked, and nothing
// recurses on the depth of a stack.
package profile
