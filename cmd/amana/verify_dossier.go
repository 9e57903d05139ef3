package main

import (
	"context"
	"fmt"
	"os"

	"amana"
	"amana/internal/dossier"
)

// dossierFlags say what whoever verifies a dossier knows already.
type dossierFlags struct{ key, authorities, page string }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// verifyDossier verifies a dossier with nothing but the file.
func (p *program) verifyDossier(ctx context.Context, path string, d dossierFlags, asJSON bool) error {
	o := dossier.Options{Key: d.key}
	if d.authorities != "" {
		raw, err := os.ReadFile(d.authorities)
		if err != nil {
			return fmt.Errorf("the file of certificates: %w", amana.ErrNotFound)
		}
		o.Authorities = raw
	}
	if d.page != "" {
		if err := writeNew(d.page, dossier.VerifierPage()); err != nil {
			return err
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the dossier: %w", amana.ErrStorage)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("the dossier: %w", amana.ErrStorage)
	}
	result, err := dossier.Verify(ctx, f, info.Size(), o)
	if err != nil {
		return err
	}
	if err := p.sayDossier(result, asJSON); err != nil {
		return err
	}
	if !result.OK {
		return hintedError{
			fmt.Errorf("this dossier %w", amana.ErrTampered),
			"keep the file as it is, and ask whoever made it for another copy",
		}
	}
	return nil
}

func (p *program) sayDossier(r dossier.Result, asJSON bool) error {
	if asJSON {
		return p.console.printJSON(r)
	}
	for _, c := range r.Checks {
		p.console.printf("%-7s %-11s %s\n", map[bool]string{true: "ok", false: "BROKEN"}[c.OK], c.Name, c.Detail)
	}
	for _, open := range r.Open {
		p.console.printf("%-7s %-11s %s\n", "?", "not checked", open)
	}
	return nil
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("the page: a file of this name exists already, or cannot be made: %w", amana.ErrStorage)
	}
	if _, err := f.Write(content); err != nil {
		f.Close()
		return fmt.Errorf("the page: %w", amana.ErrStorage)
	}
	return f.Close()
}
