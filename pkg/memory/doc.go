// Package memory bounds what queries under way take, all together: a process has one Budget, each data source a part of
// it, and each run of a query an Account. What an answer will take is estimated before it is decoded and taken from the
// account, which waits or is refused when there is not enough. The estimates are upper bounds made of counts, not
// measurements; see package wiresize.
package memory
