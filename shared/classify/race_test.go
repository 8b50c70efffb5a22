//go:build race

package classify_test

// forgetful: the race detector makes pools forget now and then.
const forgetful = true
