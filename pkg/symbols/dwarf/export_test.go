package dwarf

// UnitsRead is how many units were read beyond their first entry.
func (d *Data) UnitsRead() int { return d.unitsRead }
