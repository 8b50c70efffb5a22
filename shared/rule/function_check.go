package rule

import "fmt"

func wrongCount(expected, got int) string {
	return fmt.Sprintf("invalid number of arguments (expected %d, got %d)", expected, got)
}

func wrongArgument(name string, t Type) (Type, string) {
	return unknown, fmt.Sprintf("invalid argument for %s (type %s)", name, t)
}

// one checks a function of one argument: those kinds, or what isn't known.
func one(given []Type, is func(Type) bool, gives func(Type) Type, wrong func(Type) (Type, string)) (Type, string) {
	if len(given) != 1 {
		return unknown, wrongCount(1, len(given))
	}
	if t := given[0]; t.unknown() || is(t) {
		return gives(t), ""
	}
	return wrong(given[0])
}

func always(t Type) func(Type) Type { return func(Type) Type { return t } }

func named(name string) func(Type) (Type, string) {
	return func(t Type) (Type, string) { return wrongArgument(name, t) }
}

func checkNumber(name string, given []Type) (Type, string) {
	return one(given, Type.countable, plain, named(name))
}

func checkRound(name string, given []Type) (Type, string) {
	return one(given, Type.countable, always(Number), named(name))
}

func checkInt(name string, given []Type) (Type, string) {
	return one(given, func(t Type) bool { return t.countable() || t.isText() }, always(Whole), named(name))
}

func checkFloat(name string, given []Type) (Type, string) {
	return one(given, func(t Type) bool { return t.countable() || t.isText() }, always(Number), named(name))
}

func checkLen(name string, given []Type) (Type, string) {
	return one(given, func(t Type) bool { return t.isText() || t.isList() || t.isMap() }, always(Whole), named(name))
}

func checkEnd(name string, given []Type) (Type, string) {
	return one(given, Type.isList,
		func(t Type) Type {
			if t.kind == kindTexts {
				return Text
			}
			return anything
		},
		func(t Type) (Type, string) { return unknown, fmt.Sprintf("cannot get %s element from %s", name, t) })
}

func checkMap(name string, given []Type) (Type, string) {
	return one(given, Type.isMap, always(list), func(t Type) (Type, string) {
		if name == "toPairs" {
			return unknown, fmt.Sprintf("cannot transform %s to pairs", t)
		}
		return unknown, fmt.Sprintf("cannot get %s from %s", name, t)
	})
}

func checkFromPairs(_ string, given []Type) (Type, string) {
	return one(given, Type.isList, always(Type{kind: kindPairs}), func(t Type) (Type, string) {
		return unknown, fmt.Sprintf("cannot transform %s from pairs", t)
	})
}

func checkLists(name string, given []Type) (Type, string) {
	return one(given, Type.isList, always(list), func(t Type) (Type, string) {
		return unknown, fmt.Sprintf("cannot %s %s", name, t)
	})
}

func checkConcat(_ string, given []Type) (Type, string) {
	if len(given) == 0 {
		return unknown, "invalid number of arguments (expected at least 1, got 0)"
	}
	for _, t := range given {
		if !t.unknown() && !t.isList() {
			return unknown, fmt.Sprintf("cannot concat %s", t)
		}
	}
	return list, ""
}

// checkAggregate: of numbers, or of lists of them, whatever these hold.
func checkAggregate(name string, given []Type) (Type, string) {
	if len(given) == 0 {
		return unknown, "not enough arguments to call " + name
	}
	for _, t := range given {
		if t.unknown() || t.isList() {
			return anything, ""
		}
		if !t.countable() {
			return wrongArgument(name, t)
		}
	}
	return given[0], ""
}

func checkTake(_ string, given []Type) (Type, string) {
	if len(given) != 2 {
		return unknown, wrongCount(2, len(given))
	}
	if t := given[0]; !t.unknown() && !t.isList() {
		return unknown, fmt.Sprintf("cannot take from %s", t)
	}
	if t := given[1]; !t.unknown() && (!t.countable() || t.kind == kindFloat) {
		return unknown, fmt.Sprintf("cannot take %s elements", t)
	}
	return plain(given[0]), ""
}

// checkDate leaves the rest to the run, as the language does.
func checkDate(_ string, given []Type) (Type, string) {
	if len(given) > 3 {
		return unknown, fmt.Sprintf("invalid number of arguments (expected at most 3, got %d)", len(given))
	}
	return moment, ""
}
