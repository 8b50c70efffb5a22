// Command lay puts beside the functions' bootstraps what they need at their start:
//
//	lay <bundles> <desk.yaml> <zoneinfo.zip>
//
// make build runs it. It is small, so that it is built in a moment.
package main

import (
	"fmt"
	"os"

	"ines/infra/bundle"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "lay <bundles> <desk.yaml> <zoneinfo.zip>")
		os.Exit(2)
	}
	if err := bundle.Lay(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
