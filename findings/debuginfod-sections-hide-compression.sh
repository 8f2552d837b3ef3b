#!/usr/bin/env bash
# elfutils' debuginfod: the section it serves may be compressed, and neither the bytes nor a header say so
#
# Guess:    GET /buildid/ID/section/.debug_line gives the section's contents, as `readelf` or objcopy shows them: two builds of one source, one with
#           -gz, give the same bytes, or a header tells them apart.
# Really:   elfutils 0.188-2.1 (Debian 12), gcc 12.2, seen on 2026-11-27: of the -gz build one gets the raw bytes of the file, an ELF compression
#           header and a zlib stream. Whether a section is compressed is a flag of the section's header, which is not part of the section,
#           and the HTTP headers of both answers are the same ones, none about it. The first bytes are no magic number either: the type is the integer 1. Sections without
#           contents (.bss) are 404, like those that do not exist.
# Why care: fetching .debug_line or .debug_info alone, to spare a download of gigabytes, is what the section request was made for. A symbolizer that
#           does it works on its author's machine and reads garbage from distributions that compress. Fetch the whole file, or try the
#           compression header and check that its size and alignment make sense.
set -euo pipefail
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

mkdir deb files
(cd deb && apt-get download debuginfod=0.188-2.1 libdebuginfod1=0.188-2.1 libdw1=0.188-2.1 libelf1=0.188-2.1 libmicrohttpd12 libarchive13 libsqlite3-0 >/dev/null 2>&1 &&
  for package in *.deb; do dpkg -x "$package" .; done)
gcc --version | grep -q ' 12\.2\.' || { echo "needs Debian 12's gcc 12.2"; exit 1; }
cat > app.c <<'C'
static int unused[100];
int main(int argc, char **argv) { return argc + unused[argc] + (argv[0] == 0); }
C
gcc -g -gz=none -Wl,--build-id=0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -o files/plain app.c
gcc -g -gz=zlib -Wl,--build-id=0xbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb -o files/compressed app.c
port=$((20000 + RANDOM % 10000))
LD_LIBRARY_PATH=$work/deb/usr/lib/x86_64-linux-gnu:$work/deb/lib/x86_64-linux-gnu \
  timeout 90 deb/usr/bin/debuginfod -p "$port" -d "$work/index.sqlite" -F "$work/files" > server.log 2>&1 &
server=$!
get() { curl -s --noproxy '*' -D headers -o body -w '%{http_code}' "http://127.0.0.1:$port/buildid/$1/section/$2"; }
for _ in $(seq 60); do
  [ "$(get bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb .debug_info)" = 200 ] && [ "$(get aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa .debug_info)" = 200 ] && break
  sleep 0.5
done
for build in plain:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa compressed:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb; do
  for section in .debug_info .bss .no_such_section; do
    code=$(get "${build#*:}" $section)
    line="${build%%:*} $section: $code"
    if [ "$code" = 200 ]; then
      # A DWARF unit starts with its length: the section's size less the four bytes of the length itself.
      first=$(od -An -tu4 -N4 body | tr -d ' ')
      [ "$first" = $(($(wc -c < body) - 4)) ] && unit=yes || unit=no
      line="$line, starts with a DWARF unit: $unit, first integer is 1: $([ "$first" = 1 ] && echo yes || echo no)"
      line="$line, headers: $(sed -n 's/^\([A-Za-z-]*\):.*/\1/p' headers | sort | tr '\n' ' ')"
    fi
    echo "$line"
  done
done > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
plain .debug_info: 200, starts with a DWARF unit: yes, first integer is 1: no, headers: Cache-Control Content-Length Content-Type Date Last-Modified X-DEBUGINFOD-FILE X-DEBUGINFOD-SIZE 
plain .bss: 404
plain .no_such_section: 404
compressed .debug_info: 200, starts with a DWARF unit: no, first integer is 1: yes, headers: Cache-Control Content-Length Content-Type Date Last-Modified X-DEBUGINFOD-FILE X-DEBUGINFOD-SIZE 
compressed .bss: 404
compressed .no_such_section: 404
WANT
