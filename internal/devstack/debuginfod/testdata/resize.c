/* A library that halves pictures. resize.debug is its debug file, made with gcc 12:
     gcc -g -O2 -fno-unroll-loops -fno-tree-vectorize -fPIC -shared -nostdlib -Wl,--build-id -Wl,-z,noseparate-code \
       -fdebug-prefix-map=$PWD=/src -o libresize.so resize.c
     objcopy --only-keep-debug --compress-debug-sections=zlib libresize.so resize.debug
   The build id and the addresses in debuginfod.go are those of that one. */
#define HOT __attribute__((noinline))

static inline unsigned channel(unsigned pixel, int which) { return pixel >> (8 * which) & 255; }

static inline unsigned mean(unsigned a, unsigned b, int which) {
  return (channel(a, which) + channel(b, which)) / 2;
}

static inline unsigned blend(unsigned a, unsigned b) {
  unsigned out = 0;
  for (int i = 0; i < 4; i++)
    out |= mean(a, b, i) << (8 * i);
  return out;
}

HOT void halve_row(unsigned *to, const unsigned *from, int width) {
  for (int x = 0; x < width / 2; x++)
    to[x] = blend(from[2 * x], from[2 * x + 1]);
}

HOT void halve_picture(unsigned *to, const unsigned *from, int width, int height) {
  for (int y = 0; y < height; y++)
    halve_row(to + y * (width / 2), from + y * width, width);
}
