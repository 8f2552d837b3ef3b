package objfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

var (
	errXZ      = errors.New("not the xz format, or damaged")
	errXZUnfit = errors.New("xz with a filter or check that is not known")
)

// unpackXZ unpacks one xz stream. The library's own reader of the container gives
// a block whatever memory it asks for, up to 4 GiB; this one looks first.
func unpackXZ(ctx context.Context, packed []byte) ([]byte, error) {
	if len(packed) < 12 || string(packed[:6]) != "\xfd7zXZ\x00" || packed[6] != 0 {
		return nil, errXZ
	}
	check := packed[7]
	var out bytes.Buffer
	for rest := packed[12:]; ; {
		if len(rest) == 0 {
			return nil, errXZ
		}
		if rest[0] == 0 { // the index, after the last block
			return out.Bytes(), nil
		}
		n, err := unpackBlock(ctx, &out, rest, check)
		if err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
}

// unpackBlock unpacks one block, and returns how many bytes it takes.
func unpackBlock(ctx context.Context, out *bytes.Buffer, block []byte, check byte) (int, error) {
	header := (int(block[0]) + 1) * 4
	if len(block) < header || crc32.ChecksumIEEE(block[:header-4]) != binary.LittleEndian.Uint32(block[header-4:]) {
		return 0, errXZ
	}
	dictionary, err := blockDictionary(block[1 : header-4])
	if err != nil {
		return 0, err
	}
	sum, size, err := checksum(check)
	if err != nil {
		return 0, err
	}
	in := bytes.NewReader(block[header:])
	r, err := lzma.Reader2Config{DictCap: dictionary}.NewReader2(in)
	if err != nil {
		return 0, err
	}
	to := io.MultiWriter(out, sum)
	for {
		_, err := io.CopyN(to, r, 1<<20)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && out.Len() > maxMiniDebug {
			err = fmt.Errorf("unpacked: %w", ErrTooLarge)
		}
		if err != nil {
			return 0, err
		}
	}
	end := len(block) - in.Len()
	end += -(end - header) & 3 // padding
	if len(block)-size < end {
		return 0, errXZ
	}
	if want := sum.Sum(nil); size > 0 {
		got := bytes.Clone(block[end : end+size])
		for i, j := 0, size-1; i < j; i, j = i+1, j-1 { // they are little endian
			got[i], got[j] = got[j], got[i]
		}
		if !bytes.Equal(got, want) {
			return 0, errXZ
		}
	}
	return end + size, nil
}

// blockDictionary reads a block's header for the size of its dictionary.
func blockDictionary(header []byte) (int, error) {
	flags, rest := header[0], header[1:]
	if flags&0x3f != 0 { // more filters than one, or what is reserved
		return 0, errXZUnfit
	}
	for _, flag := range []byte{0x40, 0x80} { // sizes, packed and not
		if flags&flag == 0 {
			continue
		}
		_, n := binary.Uvarint(rest)
		if n <= 0 {
			return 0, errXZ
		}
		rest = rest[n:]
	}
	const lzma2 = 0x21
	if len(rest) < 3 || rest[0] != lzma2 || rest[1] != 1 {
		return 0, errXZUnfit
	}
	dictionary, err := lzma.DecodeDictCap(rest[2])
	if err != nil {
		return 0, err
	}
	if dictionary > maxXZDictionary {
		return 0, fmt.Errorf("xz dictionary of %d bytes: at most %d are allowed", dictionary, maxXZDictionary)
	}
	return int(dictionary), nil
}

// checksum is what a block's bytes are checked with.
func checksum(check byte) (hash.Hash, int, error) {
	switch check {
	case 0x00:
		return crc32.NewIEEE(), 0, nil
	case 0x01:
		return crc32.NewIEEE(), 4, nil
	case 0x04:
		return crc64.New(crc64.MakeTable(crc64.ECMA)), 8, nil
	}
	return nil, 0, errXZUnfit
}
