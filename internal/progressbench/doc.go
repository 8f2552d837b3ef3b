// Package progressbench measures how soon a long query is seen, and what that costs it: on the embedded stack, whose
// query-backends are slowed by what they read, with the requests that the front end sends.
package progressbench
