// Package objfile names addresses in an ELF file, by what it has: DWARF with inlined
// functions, .symtab, .dynsym, Go's .gopclntab, or .gnu_debugdata. A debug file
// apart from its program does as well.
//
// Nothing is trusted: sections, symbols and what they unpack to are bounded, and
// work ends with its context.
package objfile
