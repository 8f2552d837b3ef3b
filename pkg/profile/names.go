package profile

// A nameTable gives each name a number, in the order of first use. The names
// land in the slice that it was made with.
type nameTable struct {
	names *[]string
	index map[string]int32
}

func newNameTable(names *[]string) nameTable {
	return nameTable{names: names, index: make(map[string]int32, len(*names))}
}

// bytes is the number of a name that is copied only when it is new.
func (t nameTable) bytes(name []byte) int32 {
	if i, ok := t.index[string(name)]; ok {
		return i
	}
	return t.add(string(name))
}

// string is the number of a name. The name is kept, not copied.
func (t nameTable) string(name string) int32 {
	if i, ok := t.index[name]; ok {
		return i
	}
	return t.add(name)
}

func (t nameTable) add(name string) int32 {
	i := int32(len(*t.names))
	*t.names = append(*t.names, name)
	t.index[name] = i
	return i
}
