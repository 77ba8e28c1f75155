// Command helm-template renders a chart as `helm template` does, with Helm's own engine, and prints
// the documents. It reads no cluster.
//
// usage: helm-template CHART [VALUES.json [NAMESPACE]]
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

func render(args []string) error {
	chart, err := loader.Load(args[0])
	if err != nil {
		return err
	}
	values := map[string]any{}
	if len(args) > 1 {
		text, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &values); err != nil {
			return err
		}
	}
	release := chartutil.ReleaseOptions{Name: "trustee", Namespace: "default", Revision: 1, IsInstall: true}
	if len(args) > 2 {
		release.Namespace = args[2]
	}
	all, err := chartutil.ToRenderValues(chart, values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return err
	}
	files, err := engine.Engine{Strict: true}.Render(chart, all)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("---\n# %s\n%s\n", name, files[name])
	}
	return nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: helm-template CHART [VALUES.json [NAMESPACE]]")
		os.Exit(2)
	}
	if err := render(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
