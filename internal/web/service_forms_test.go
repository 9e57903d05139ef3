package web_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
)

var (
	inputTag    = regexp.MustCompile(`<input ([^>]*)>`)
	areaTag     = regexp.MustCompile(`(?s)<textarea ([^>]*)>(.*?)</textarea>`)
	selectTag   = regexp.MustCompile(`(?s)<select ([^>]*)>(.*?)</select>`)
	selectedTag = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

func attrs(text string) map[string]string {
	all := map[string]string{}
	for _, a := range attrPattern.FindAllStringSubmatch(text, -1) {
		all[a[1]] = html.UnescapeString(a[2])
	}
	return all
}

// fieldsOf is what a browser sends of the forms in a page that nobody touched.
func fieldsOf(page string) url.Values {
	f := url.Values{}
	for _, m := range inputTag.FindAllStringSubmatch(page, -1) {
		a := attrs(m[1])
		if _, checked := a["checked"]; (a["type"] == "checkbox" || a["type"] == "radio") && !checked || a["name"] == "" {
			continue
		}
		f.Add(a["name"], a["value"])
	}
	for _, m := range areaTag.FindAllStringSubmatch(page, -1) {
		f.Add(attrs(m[1])["name"], html.UnescapeString(strings.TrimPrefix(m[2], "\n")))
	}
	for _, m := range selectTag.FindAllStringSubmatch(page, -1) {
		value := ""
		if on := selectedTag.FindStringSubmatch(m[2]); on != nil {
			value = html.UnescapeString(on[1])
		}
		f.Add(attrs(m[1])["name"], value)
	}
	return f
}
