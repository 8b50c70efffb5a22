// Package bundle lays beside the functions' bootstraps what they need at their start,
// ready to be used: the desk policy and what is compiled from it, the time zones, and,
// where messages are classified, the words and the models. infra/cmd/lay and tests import it.
package bundle

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ines/functions/classify"
	"ines/infra/plan"
	"ines/shared/classify/heads"
	"ines/shared/classify/model"
	"ines/shared/policy"
	"ines/shared/policy/policyfile"
)

// Lay fills <bundles>/<function> for every function of the plan. Desk is the policy's
// file, zones the archive of Go's time zones. What is there already and stays the same
// is not written again; models that nothing names any more are removed, as all of a
// bundle is deployed.
func Lay(bundles, desk, zones string) error {
	p, err := policyfile.Load(desk)
	if err != nil {
		return err
	}
	known, err := zoneData(zones, p.Zones())
	if err != nil {
		return err
	}
	files := map[string][]byte{plan.BundledPolicy: p.Compiled(known)}
	for name, from := range map[string]string{plan.BundledDesk: desk, plan.BundledZones: zones} {
		if files[name], err = os.ReadFile(from); err != nil {
			return err
		}
	}
	classifying, err := models(p)
	if err != nil {
		return err
	}
	classifying[plan.BundledWords] = classify.Words(p).File(p.Hash())
	for _, f := range plan.Default().Functions {
		at := filepath.Join(bundles, f.Name)
		if err := each(at, files); err != nil {
			return err
		}
		more := classifying
		if !f.Classifies {
			more = nil
		}
		if err := errors.Join(each(at, more), sweep(at, more)); err != nil {
			return err
		}
	}
	return nil
}

// zoneData is what an archive of time zones knows of some of them.
func zoneData(archive string, names []string) (map[string][]byte, error) {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return nil, fmt.Errorf("the time zones %s: %w", archive, err)
	}
	defer z.Close()
	known := map[string][]byte{}
	for _, name := range names {
		if known[name], err = fs.ReadFile(z, name); err != nil && name != "UTC" {
			return nil, fmt.Errorf("the time zones %s: %w", archive, err)
		}
	}
	return known, nil
}

// models are those that ship with ines and those that the policy names, by their
// places in a bundle. They are checked here, so that a start needn't.
func models(p *policy.Desk) (map[string][]byte, error) {
	all := map[string][]byte{}
	shipped, err := fs.Glob(heads.Files, "*.model")
	if err != nil {
		return nil, err
	}
	for _, name := range shipped {
		if all[filepath.Join(plan.BundledHeads, name)], err = heads.Files.ReadFile(name); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{p.Learning.Model, p.Learning.Urgency} {
		if name == "" {
			continue
		}
		at := filepath.Clean(filepath.FromSlash(name)) // as sweep finds it
		if slices.ContainsFunc(shipped, func(head string) bool { return at == filepath.Join(plan.BundledHeads, head) }) {
			return nil, fmt.Errorf("%s: ines has a model of that name itself; the policy's needs another", p.Beside(name))
		}
		if all[at], err = os.ReadFile(p.Beside(name)); err != nil {
			return nil, fmt.Errorf("a model that the policy names: %w; ines train makes it", err)
		}
	}
	for name, file := range all {
		if all[name], err = model.ForUse(file); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

// each writes files below a folder.
func each(folder string, files map[string][]byte) error {
	for name, content := range files {
		path := filepath.Join(folder, name)
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes the models below a folder that are not among those named.
func sweep(folder string, named map[string][]byte) error {
	return filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".model" {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if _, ok := named[name]; ok || err != nil {
			return err
		}
		return os.Remove(path)
	})
}
