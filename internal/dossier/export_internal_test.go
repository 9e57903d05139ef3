package dossier

import "hash/crc32"

// Pack makes an archive in the form of a dossier, of any files.
func Pack(names []string, bodies [][]byte) []byte {
	var out []byte
	var list []entry
	for i, name := range names {
		e := entry{name, uint64(len(bodies[i])), crc32.ChecksumIEEE(bodies[i])}
		out = append(append(out, e.local()...), bodies[i]...)
		list = append(list, e)
	}
	return append(out, directory(list)...)
}
