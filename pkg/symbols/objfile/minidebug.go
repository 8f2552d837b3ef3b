package objfile

import (
	"context"
	"fmt"
)

// openMini reads .gnu_debugdata (MiniDebugInfo): an ELF file with a table of
// symbols, packed with xz, inside the program's.
func (f *File) openMini(ctx context.Context) error {
	s := f.find(".gnu_debugdata")
	if s == nil {
		return nil
	}
	packed, err := f.raw(s)
	if err != nil {
		return err
	}
	data, err := unpackXZ(ctx, packed)
	if err != nil {
		return fmt.Errorf(".gnu_debugdata: %w", err)
	}
	mini, err := open(ctx, data, int64(f.maxUnpack), false)
	if err != nil {
		return fmt.Errorf(".gnu_debugdata: %w", err)
	}
	f.mini = mini
	return nil
}
