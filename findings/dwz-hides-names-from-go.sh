#!/usr/bin/env bash
# dwz: after it moves shared debug data into a file of its own, Go's debug/dwarf reads on without an error, and names are gone
#
# Guess:    `dwz -m`, with which distributions shrink their debug packages, keeps DWARF's meaning. A reader either follows the link to the common
#           file, as binutils surely does, or reports that it cannot; a function's name is a string.
# Really:   dwz 0.15-1, gcc 12.2 and binutils 2.40 of Debian 12, Go 1.26.8's debug/dwarf, seen on 2026-11-27: Go opens the binary and walks its
#           entries to the end without an error. Names that stand in the common file are returned as integers of ClassStringAlt, and a function whose
#           whole description moved has only a reference (ClassReferenceAlt) into a file that the package has no way to open. Code that says
#           `name, _ := entry.Val(dwarf.AttrName).(string)` sees "". addr2line -i, which printed the inlined function of the plain file,
#           does not print it any more either.
# Why care: symbolizers of profilers in Go find "no name" for exactly the functions that several binaries share, the inlined ones from headers, and
#           only with a distribution's debug files, never with what the developer compiled. Check for these classes, and ask debuginfod
#           for the build id in .gnu_debugaltlink.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOTOOLCHAIN=go1.26.8

mkdir deb
(cd deb && apt-get download dwz=0.15-1 2>/dev/null >&2 && dpkg -x dwz_*.deb .)
gcc --version | grep -q ' 12\.2\.' || { echo "needs Debian 12's gcc 12.2"; exit 1; }
cat > shared.h <<'C'
struct options { int factor; int offset; const char *title; };
static inline __attribute__((always_inline)) int shared_helper(struct options *o, int n) {
  int sum = 0;
  for (int i = 0; i < n; i++)
    sum += o->factor * i + o->offset;
  return sum;
}
C
for name in first second; do
  cat > $name.c <<C
#include "shared.h"
__attribute__((noinline)) int only_in_$name(struct options *o) { return shared_helper(o, 100); }
int main(int argc, char **argv) {
  struct options o = { argc, 2, argv[0] };
  return only_in_$name(&o) & 1;
}
C
  gcc -O1 -g -o $name $name.c
done
cp first plain
deb/usr/bin/dwz -m common.debug first second

mkdir reader
cat > reader/go.mod <<'MOD'
module finding
go 1.26.0
MOD
cat > reader/main.go <<'GO'
package main

import (
	"debug/dwarf"
	"debug/elf"
	"fmt"
	"os"
)

func main() {
	for _, path := range os.Args[1:] {
		file, err := elf.Open(path)
		if err != nil {
			panic(err)
		}
		data, err := file.DWARF()
		if err != nil {
			panic(err)
		}
		entries := data.Reader()
		for {
			entry, err := entries.Next()
			if err != nil {
				panic(err)
			}
			if entry == nil {
				break
			}
			if entry.Tag != dwarf.TagSubprogram && entry.Tag != dwarf.TagInlinedSubroutine {
				continue
			}
			name, _ := entry.Val(dwarf.AttrName).(string)
			fmt.Printf("%s: %v name=%q", path, entry.Tag, name)
			for _, attr := range []dwarf.Attr{dwarf.AttrName, dwarf.AttrAbstractOrigin} {
				if field := entry.AttrField(attr); field != nil {
					fmt.Printf(" %v is %v", attr, field.Class)
				}
			}
			fmt.Println()
		}
		file.Close()
	}
}
GO
go build -C reader -o ../names .
./names plain first > seen
start=$(nm first | awk '/ only_in_first$/ {print $1}')
for file in plain first; do
  # Some address of the loop that was inlined lies in the function's first bytes.
  seq 0 20 | while read -r step; do printf '%x\n' $((0x$start + step)); done | addr2line -f -i -e $file > lines
  grep -qx shared_helper lines && answer=shared_helper || answer=nothing
  echo "addr2line on $file: $answer" >> seen
done
cat seen
diff -u --label expected --label seen - seen <<'WANT'
plain: Subprogram name="main" Name is ClassString
plain: Subprogram name="only_in_first" Name is ClassString
plain: InlinedSubroutine name="" AbstractOrigin is ClassReference
plain: Subprogram name="shared_helper" Name is ClassString
first: Subprogram name="" Name is ClassStringAlt
first: Subprogram name="only_in_first" Name is ClassString
first: InlinedSubroutine name="" AbstractOrigin is ClassReferenceAlt
addr2line on plain: shared_helper
addr2line on first: nothing
WANT
