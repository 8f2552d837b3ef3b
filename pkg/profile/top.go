package profile

import (
	"cmp"
	"slices"
)

// A Function is what a call tree says of one function.
type Function struct {
	Name string
	// Self is the value of the stacks that end in the function.
	Self int64
	// Total is the value of the stacks that the function is in, each counted
	// once, however often it is in there.
	Total int64
}

// TopFunctions are the functions of a call tree, by falling self value, then by
// falling total, then by name.
func TopFunctions(t *Tree) []Function {
	functions := sumFunctions(t)
	slices.SortFunc(functions, func(a, b Function) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name))
	})
	return functions
}

// sumFunctions are the functions in the order of their first use.
func sumFunctions(t *Tree) []Function {
	index := make([]int32, len(t.Names))  // by name: 1 + the place in functions
	active := make([]int32, len(t.Names)) // by name: how often on the path
	path := make([]int32, 0, t.levels())  // names of the path below the root
	totals := t.totals()
	var functions []Function
	for i, name := range t.Name {
		level := int(t.Level[i])
		if level == 0 {
			continue
		}
		for len(path) >= level {
			active[path[len(path)-1]]--
			path = path[:len(path)-1]
		}
		if index[name] == 0 {
			functions = append(functions, Function{Name: t.Names[name]})
			index[name] = int32(len(functions))
		}
		f := &functions[index[name]-1]
		f.Self += t.Self[i]
		if active[name] == 0 {
			f.Total += totals[i]
		}
		active[name]++
		path = append(path, name)
	}
	return functions
}

// A FunctionDiff is what two call trees say of one function. Left is the
// baseline.
type FunctionDiff struct {
	Name                  string
	SelfLeft, TotalLeft   int64
	SelfRight, TotalRight int64
}

// SelfChange is by how much the self value grew from left to right.
func (f FunctionDiff) SelfChange() int64 { return f.SelfRight - f.SelfLeft }

// TotalChange is by how much the total grew from left to right.
func (f FunctionDiff) TotalChange() int64 { return f.TotalRight - f.TotalLeft }

// DiffFunctions are the functions of either tree: the largest change of the
// self value first, growth or not; then the largest change of the total, then
// by name.
func DiffFunctions(left, right *Tree) []FunctionDiff {
	was, is := sumFunctions(left), sumFunctions(right)
	index := make(map[string]int, len(was))
	functions := make([]FunctionDiff, 0, max(len(was), len(is)))
	for i, f := range was {
		index[f.Name] = i
		functions = append(functions, FunctionDiff{Name: f.Name, SelfLeft: f.Self, TotalLeft: f.Total})
	}
	for _, f := range is {
		i, ok := index[f.Name]
		if !ok {
			i = len(functions)
			functions = append(functions, FunctionDiff{Name: f.Name})
		}
		functions[i].SelfRight, functions[i].TotalRight = f.Self, f.Total
	}
	slices.SortFunc(functions, func(a, b FunctionDiff) int {
		return cmp.Or(
			cmp.Compare(magnitude(b.SelfChange()), magnitude(a.SelfChange())),
			cmp.Compare(magnitude(b.TotalChange()), magnitude(a.TotalChange())),
			cmp.Compare(a.Name, b.Name))
	})
	return functions
}

func magnitude(change int64) int64 {
	return max(change, -change)
}
