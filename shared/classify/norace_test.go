//go:build !race

package classify_test

const forgetful = false
