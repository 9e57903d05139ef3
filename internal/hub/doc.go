// Package hub is the server between the devices of organisations: it keeps what they
// hand over, in the order in which it came, and hands it on. It can read none of it. It
// sees which organisation and device a batch is of, its numbers, sizes and times, and no
// more; see docs/threat-model.md.
//
// All state is in the database: any number of hubs may work on one. It checks that a
// batch comes from a device that the organisation admitted, goes on where that device's
// chain ended, and ends at the head that the device signed; and it keeps an append-only
// log of those heads for each organisation, whose checkpoints it signs.
package hub
