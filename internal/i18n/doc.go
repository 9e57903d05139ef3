// Package i18n holds the words of the pages in every language: messages by key,
// plurals, dates, numbers, the direction of writing, and the choice of a
// language.
//
// Messages are in locales/<language>/<area>.json, one flat object per file. A
// message is text, or an object of plural forms by the number {n}:
//
//	"cases.title": "Cases",
//	"cases.found": {"one": "{n} case", "other": "{n} cases"}
//
// Arguments are named in braces and given in pairs: T("cases.found", "n", 3).
// English, French and Arabic each have every key with the same arguments; a test
// holds them to it, and finds keys that nothing uses.
//
// Digits are Western in every language, as in the records of the region. It
// knows no domain and no HTML: what it returns is text, to be escaped by whoever
// shows it.
package i18n
