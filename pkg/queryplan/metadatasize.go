package queryplan

// A MetadataSize is what there is in an answer. Of one that is malformed it counts
// what comes before the fault.
type MetadataSize struct {
	Blocks, Datasets int
	// Texts is the size of the largest block's string table, and DatasetBytes that of
	// the largest encoded dataset: blocks are read one after the other.
	Texts, DatasetBytes int
}

// Size counts what there is in an answer, before anything is made of it.
func (m Metadata) Size() (size MetadataSize) {
	answer := fields{left: m.Response}
	for answer.next() {
		if answer.tag != answerBlocks {
			continue
		}
		size.Blocks++
		texts := 0
		block := fields{left: answer.bytes}
		for block.next() {
			switch block.tag {
			case blockDatasets:
				size.Datasets++
				size.DatasetBytes = max(size.DatasetBytes, len(block.bytes))
			case blockStringTable:
				texts++
			}
		}
		size.Texts = max(size.Texts, texts)
	}
	return size
}
