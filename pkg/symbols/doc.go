// Package symbols names addresses in native code: build id and addresses in, chains
// of frames out.
//
// A profiler that reads stacks from outside the program, as those that use eBPF do,
// stores a binary's build id and addresses in it. What is at them is in the binary's
// debug file, which debuginfod servers hand out by build id. A Symbolizer fetches
// the file, reads just the units of it that hold what was asked, and remembers the
// answers.
//
// # Addresses
//
// An address is a virtual address of the binary's ELF file, and is looked up as it
// is. Pyroscope does the same. A caller's address must lie inside the call, not after
// it: the return address belongs to the next line, or to the next function where the
// call does not return. pprof's format wants addresses like that, and profilers that
// follow it, as OpenTelemetry's does, take one off the return address themselves.
//
// # Patience
//
// Resolve waits only so long. What is not there by then goes on in the background,
// and the next call finds it.
//
// Debug files are hostile: see the packages objfile and dwarf.
package symbols
