// Package attacktest attacks the plugin's process, started as Grafana starts it and held to a gigabyte: by servers whose
// answers become far more than they are, and by requests of the same kind. Whatever comes, the process answers in time and
// lives on, and other queries have their answers.
//
// Everything is on loopback, and bounded in number, time and memory. With -attack.binary another build is attacked, and
// with -attack.table what was measured is printed as a table. go tool mage soak runs the long test.
package attacktest
