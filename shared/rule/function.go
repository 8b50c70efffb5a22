package rule

import (
	"cmp"
	"slices"
)

// builtin is a function of the language.
type builtin struct {
	name  string
	takes [][]kind // the ways in which it can be called
	gives kind
	// check stands for takes and gives where these don't say it all. It returns the
	// type of the result, or what is wrong.
	check func(name string, given []Type) (Type, string)
	// run gets the arguments as they are: of the types above as far as the checker
	// could know.
	run func(m *machine, given []Value) Value
}

// asking says how many arguments a function takes that asks something of each part
// of a list.
func asking(name string) (least, most int, ok bool) {
	switch name {
	case "all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "groupBy":
		return 2, 2, true
	case "count", "sum":
		return 1, 2, true
	case "sortBy", "reduce":
		return 2, 3, true
	}
	return 0, 0, false
}

func isBuiltin(name string) bool {
	_, _, ok := asking(name)
	return ok || function(name) != nil
}

// function is the builtin of that name, or nil.
func function(name string) *builtin {
	i, ok := slices.BinarySearchFunc(functions, name, func(f builtin, name string) int { return cmp.Compare(f.name, name) })
	if !ok {
		return nil
	}
	return &functions[i]
}

var (
	oneText    = [][]kind{{kindText}}
	twoTexts   = [][]kind{{kindText, kindText}}
	oneOrTwo   = [][]kind{{kindText, kindText}, {kindText}}
	splitting  = [][]kind{{kindText, kindText}, {kindText, kindText, kindWhole}}
	twoWholes  = [][]kind{{kindWhole, kindWhole}}
	oneOfAll   = [][]kind{{kindAny}}
	joinable   = [][]kind{{kindTexts, kindText}, {kindList, kindText}, {kindList}, {kindTexts}}
	sortable   = [][]kind{{kindList, kindText}, {kindTexts, kindText}, {kindList}, {kindTexts}, {kindWholes}}
	replacing  = [][]kind{{kindText, kindText, kindText, kindWhole}, {kindText, kindText, kindText}}
	textAndOne = [][]kind{{kindText, kindWhole}}
)

// functions are sorted by name. There is no now: the same facts always get the
// same answer.
var functions = []builtin{
	{name: "abs", check: checkNumber, run: runAbs},
	{name: "bitand", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitnand", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitnot", takes: [][]kind{{kindWhole}}, gives: kindWhole, run: runBitNot},
	{name: "bitor", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitshl", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitshr", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitushr", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "bitxor", takes: twoWholes, gives: kindWhole, run: runBits},
	{name: "ceil", check: checkRound, run: runCeil},
	{name: "concat", check: checkConcat, run: runConcat},
	{name: "date", check: checkDate, run: runDate},
	{name: "duration", takes: oneText, gives: kindDuration, run: runDuration},
	{name: "first", check: checkEnd, run: runFirst},
	{name: "flatten", check: checkLists, run: runFlatten},
	{name: "float", check: checkFloat, run: runFloat},
	{name: "floor", check: checkRound, run: runFloor},
	{name: "fromBase64", takes: oneText, gives: kindText, run: runFromBase64},
	{name: "fromJSON", takes: oneText, gives: kindAny, run: runFromJSON},
	{name: "fromPairs", check: checkFromPairs, run: runFromPairs},
	{name: "get", run: runGet}, // checked by itself
	{name: "hasPrefix", takes: twoTexts, gives: kindBool, run: runHasPrefix},
	{name: "hasSuffix", takes: twoTexts, gives: kindBool, run: runHasSuffix},
	{name: "indexOf", takes: twoTexts, gives: kindWhole, run: runIndexOf},
	{name: "int", check: checkInt, run: runInt},
	{name: "join", takes: joinable, gives: kindText, run: runJoin},
	{name: "keys", check: checkMap, run: runKeys},
	{name: "last", check: checkEnd, run: runLast},
	{name: "lastIndexOf", takes: twoTexts, gives: kindWhole, run: runLastIndexOf},
	{name: "len", check: checkLen, run: runLen},
	{name: "lower", takes: oneText, gives: kindText, run: runLower},
	{name: "max", check: checkAggregate, run: runMax},
	{name: "mean", check: checkAggregate, run: runMean},
	{name: "median", check: checkAggregate, run: runMedian},
	{name: "min", check: checkAggregate, run: runMin},
	{name: "repeat", takes: textAndOne, gives: kindText, run: runRepeat},
	{name: "replace", takes: replacing, gives: kindText, run: runReplace},
	{name: "reverse", check: checkLists, run: runReverse},
	{name: "round", check: checkRound, run: runRound},
	{name: "sort", takes: sortable, gives: kindList, run: runSort},
	{name: "split", takes: splitting, gives: kindTexts, run: runSplit},
	{name: "splitAfter", takes: splitting, gives: kindTexts, run: runSplitAfter},
	{name: "string", takes: oneOfAll, gives: kindText, run: runString},
	{name: "take", check: checkTake, run: runTake},
	{name: "timezone", takes: oneText, gives: kindZone, run: runTimezone},
	{name: "toBase64", takes: oneText, gives: kindText, run: runToBase64},
	{name: "toJSON", takes: oneOfAll, gives: kindText, run: runToJSON},
	{name: "toPairs", check: checkMap, run: runToPairs},
	{name: "trim", takes: [][]kind{{kindText}, {kindText, kindText}}, gives: kindText, run: runTrim},
	{name: "trimPrefix", takes: oneOrTwo, gives: kindText, run: runTrimPrefix},
	{name: "trimSuffix", takes: oneOrTwo, gives: kindText, run: runTrimSuffix},
	{name: "type", takes: oneOfAll, gives: kindText, run: runType},
	{name: "uniq", check: checkLists, run: runUniq},
	{name: "upper", takes: oneText, gives: kindText, run: runUpper},
	{name: "values", check: checkMap, run: runValues},
}
