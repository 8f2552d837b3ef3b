// Package legacyapi serves the HTTP endpoints that Pyroscope had before its Query
// API, and that its query-frontend still has for scripts and for the old user
// interface:
//
//	/pyroscope/render        one selection, as flamebearer JSON, DOT or pprof
//	/pyroscope/render-diff   two selections compared, as flamebearer JSON
//	/pyroscope/label-values  the values of a label, or the profile types
//
// They translate: what they ask is asked of the query-frontend, and its checks
// and limits hold.
package legacyapi
