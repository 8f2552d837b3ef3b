// Package debuginfod is a client of debuginfod servers, which hand out debug files by
// build id over HTTP, as elfutils defines it.
//
// What real servers do (elfutils 0.188): a build id that is not lower case or has an
// odd number of digits is answered with 503, HEAD with 400, and Range is ignored. So
// files are asked for whole, with GET, and an id is checked before it is sent.
package debuginfod
