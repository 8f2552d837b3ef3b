#!/usr/bin/env bash
# Demanglers: c++filt, llvm-cxxfilt and the demangler of Go's tools give one function up to three names
#
# Guess:    a mangled name has one readable form, but for spaces. Whichever tool made it, the same function has the same name, and so two profiles
#           can be compared by name.
# Really:   c++filt of binutils 2.40-2, llvm-cxxfilt of llvm-14 1:14.0.6-12, github.com/ianlancetaylor/demangle
#           v0.0.0-20260724033716-83e58baca724 (Filter), seen on 2026-11-27: lambdas, compilers' clones (.cold, .isra.0, .llvm.1) and
#           function arguments of templates differ between GNU and LLVM, with Go's library on either side. Rust's hash stays in two
#           of them and goes in the third, which also takes an underscore from names that start with two: __rust_begin_short_backtrace, the
#           root of every Rust thread, is _rust_begin_short_backtrace there. Of a name of Rust's new (v0) scheme, one keeps the crate's hash.
# Why care: agents demangle with one, servers' symbolizers with another. A diff of before and after a change of agent, or of a profile with
#           local symbols against one from debuginfod, shows every lambda as removed *and* added, and saved filters match nothing. Store the
#           mangled name beside the readable one, or demangle everything in one place.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require github.com/ianlancetaylor/demangle v0.0.0-20260724033716-83e58baca724
MOD
cat > main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/ianlancetaylor/demangle"
)

func main() {
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		fmt.Println(demangle.Filter(names.Text()))
	}
}
GO
GOFLAGS=-mod=mod go build -o demangle .
mkdir deb
(cd deb && apt-get download binutils=2.40-2 binutils-x86-64-linux-gnu=2.40-2 libbinutils=2.40-2 llvm-14=1:14.0.6-12 libllvm14=1:14.0.6-12 >/dev/null 2>&1 &&
  for package in *.deb; do dpkg -x "$package" .; done)
export LD_LIBRARY_PATH=$work/deb/usr/lib/x86_64-linux-gnu:$work/deb/usr/lib/llvm-14/lib
gnu=deb/usr/bin/x86_64-linux-gnu-c++filt
llvm=deb/usr/lib/llvm-14/bin/llvm-cxxfilt

while read -r name; do
  printf '%s\n  GNU   %s\n  LLVM  %s\n  Go    %s\n' "$name" "$($gnu <<< "$name")" "$($llvm <<< "$name")" "$(./demangle <<< "$name")"
done > seen <<'NAMES'
_ZNK3app5StoreeqERKS0_
_ZZ4mainENKUlvE_clEv
_ZN3app6handleEi.isra.0
_Z1fIXadL_Z1gvEEEvv
_ZlsRSoRK3Foo
_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE
_ZN3std10sys_common9backtrace28__rust_begin_short_backtrace17h0123456789abcdefE
_RNvCskwGfYPst2Cb_3foo16example_function
NAMES
cat seen
diff -u --label expected --label seen - seen <<'WANT'
_ZNK3app5StoreeqERKS0_
  GNU   app::Store::operator==(app::Store const&) const
  LLVM  app::Store::operator==(app::Store const&) const
  Go    app::Store::operator==(app::Store const&) const
_ZZ4mainENKUlvE_clEv
  GNU   main::{lambda()#1}::operator()() const
  LLVM  main::'lambda'()::operator()() const
  Go    main::{lambda()#1}::operator()() const
_ZN3app6handleEi.isra.0
  GNU   app::handle(int) [clone .isra.0]
  LLVM  app::handle(int) (.isra.0)
  Go    app::handle(int) [clone .isra.0]
_Z1fIXadL_Z1gvEEEvv
  GNU   void f<&(g())>()
  LLVM  void f<&(g())>()
  Go    void f<&g>()
_ZlsRSoRK3Foo
  GNU   operator<<(std::basic_ostream<char, std::char_traits<char> >&, Foo const&)
  LLVM  operator<<(std::ostream&, Foo const&)
  Go    operator<<(std::ostream&, Foo const&)
_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE
  GNU   core::fmt::Write::write_fmt::h0123456789abcdef
  LLVM  core::fmt::Write::write_fmt::h0123456789abcdef
  Go    core::fmt::Write::write_fmt
_ZN3std10sys_common9backtrace28__rust_begin_short_backtrace17h0123456789abcdefE
  GNU   std::sys_common::backtrace::__rust_begin_short_backtrace::h0123456789abcdef
  LLVM  std::sys_common::backtrace::__rust_begin_short_backtrace::h0123456789abcdef
  Go    std::sys_common::backtrace::_rust_begin_short_backtrace
_RNvCskwGfYPst2Cb_3foo16example_function
  GNU   foo[ef17931c9e9b4641]::example_function
  LLVM  foo::example_function
  Go    foo::example_function
WANT
