package queryplan

// Size counts an answer's blocks and datasets, before anything is made of them. Of
// an answer that is malformed it counts what comes before the fault.
func (m Metadata) Size() (blocks, datasets int) {
	answer := fields{left: m.Response}
	for answer.next() {
		if answer.tag != answerBlocks {
			continue
		}
		blocks++
		block := fields{left: answer.bytes}
		for block.next() {
			if block.tag == blockDatasets {
				datasets++
			}
		}
	}
	return blocks, datasets
}
