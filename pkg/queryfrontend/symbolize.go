package queryfrontend

import (
	"context"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// A Symbolizer names addresses in native code: of each binary, by address, the
// function there and those that are inlined into it, outer ones first. It takes no
// longer than people wait, and leaves nil what it has no name for.
type Symbolizer interface {
	Resolve(context.Context, []symbols.Binary) ([][][]symbols.Frame, symbols.Cost)
}

// WithSymbolizer gives native code names. Without it, it is shown as
// binary!0xaddress.
func WithSymbolizer(s Symbolizer) Option {
	return func(f *Frontend) { f.symbolizer = s }
}

// SymbolCost is what names of native code took.
type SymbolCost struct {
	symbols.Cost
	Took time.Duration
}

// resolve names the addresses of binaries.
func (f *Frontend) resolve(ctx context.Context, binaries []symbols.Binary) ([][][]symbols.Frame, *SymbolCost) {
	ctx, span := otel.Tracer("github.com/pyrofront/pyrofront/pkg/queryfrontend").Start(ctx, "pyrofront.symbols")
	defer span.End()
	began := time.Now()
	names, cost := f.symbolizer.Resolve(ctx, binaries)
	named, addresses := cost.Named()
	span.SetAttributes(attribute.Int("pyrofront.binaries", len(binaries)), attribute.Int("pyrofront.addresses", addresses),
		attribute.Int("pyrofront.named", named), attribute.Int64("pyrofront.symbol_bytes", cost.FetchedBytes()))
	return names, &SymbolCost{cost, time.Since(began)}
}

// symbolRefNames names the places in native code of a call tree, in their order.
func (f *Frontend) symbolRefNames(ctx context.Context, table *queryv1.SymbolRefTable) ([][]string, *SymbolCost) {
	if f.symbolizer == nil || len(table.GetUnresolvedAddress()) == 0 {
		return nil, nil
	}
	binaries := make([]symbols.Binary, len(table.GetBuildIds()))
	places := make([][]int, len(binaries)) // by binary: which are in it
	for i, id := range table.GetBuildIds() {
		binaries[i] = symbols.Binary{BuildID: id, Name: table.BinaryNames[i]}
	}
	for i, of := range table.GetUnresolvedBuildId() {
		binaries[of].Addresses = append(binaries[of].Addresses, table.UnresolvedAddress[i])
		places[of] = append(places[of], i)
	}
	found, cost := f.resolve(ctx, binaries)
	names := make([][]string, len(table.GetUnresolvedAddress()))
	for b, addresses := range found {
		for i, frames := range addresses {
			chain := make([]string, len(frames))
			for j, frame := range frames {
				chain[j] = frame.Function
			}
			names[places[b][i]] = chain
		}
	}
	return names, cost
}

// nameNative gives the native code of a profile its names.
func (f *Frontend) nameNative(ctx context.Context, p *googlev1.Profile) error {
	if f.symbolizer == nil {
		return profile.NameUnresolved(p)
	}
	native, err := profile.NativeBinaries(p)
	if err != nil || len(native) == 0 {
		return err
	}
	binaries := make([]symbols.Binary, len(native))
	for i, b := range native {
		binaries[i] = symbols.Binary{BuildID: b.BuildID, Name: b.Name, Addresses: b.Addresses}
	}
	found, _ := f.resolve(ctx, binaries)
	names := make([][]profile.NativeFrame, len(p.GetLocation()))
	for b, addresses := range found {
		for i, frames := range addresses {
			names[native[b].Locations[i]] = nativeFrames(frames)
		}
	}
	return profile.NameNative(p, names)
}

func nativeFrames(frames []symbols.Frame) []profile.NativeFrame {
	native := make([]profile.NativeFrame, len(frames))
	for i, f := range frames {
		native[i] = profile.NativeFrame{Function: f.Function, File: f.File, Line: int64(f.Line), StartLine: int64(f.StartLine)}
	}
	return native
}
