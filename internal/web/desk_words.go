package web

import (
	"context"

	"amana/internal/casework"
	"amana/internal/i18n"
)

// Wording keeps the languages that the organisation brings.
type Wording interface {
	Words(c *i18n.Catalogue) []casework.Words
	AdoptWords(ctx context.Context, c *i18n.Catalogue, p i18n.Pack) error
	SignWords(ctx context.Context, c *i18n.Catalogue, tag, version, name string) error
	DropWords(ctx context.Context, tag string) error
	AdoptSound(ctx context.Context, tag, key string, content []byte) error
}
