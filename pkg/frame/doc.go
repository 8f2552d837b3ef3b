// Package frame turns answers about profiles into Grafana data frames: flame
// graphs, differences, time series, tables, heat maps, exemplars, annotations
// and query plans.
//
// All functions are pure: what they need, including the time, is passed in.
// They build frames in the shapes that Grafana's panels and its server-side
// expressions read, and give fields the names, units and numbers that
// Grafana's own Pyroscope data source gives them, so that a dashboard can
// change its data source and stay as it is. What is the same for all frames of
// a query (the query text, notices, statistics) is put on them with Meta.
package frame
