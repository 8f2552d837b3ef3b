package execbench

// before is how often the client before this one (commit 64ec34f) had a query executed in each case: it hedged what took
// long. Recorded once, by this benchmark.
var before = map[Case]string{}
