// operator-verify checks an OLM bundle's manifests as the catalogue's own tooling does. Its module has
// OLM's kinds, too, which build-bed copies.
package main

import (
	"fmt"
	"os"

	"github.com/operator-framework/api/cmd/operator-verify/manifests"
	"github.com/spf13/cobra"
)

func main() {
	root := &cobra.Command{Use: "operator-verify", Short: "checks the manifests of an OLM bundle"}
	root.AddCommand(manifests.NewCmd())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
