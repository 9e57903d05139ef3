// Package vault is the folder on a device: the journal, the slots that
// passphrases open, and one view for each member who works here. It unlocks,
// writes saves, keeps views current, opens records and verifies them, backs up,
// restores and erases.
//
// A [Session] is one unlocked member. Access control on reading is not code in
// it: what the member's keys do not open is not there. Who may write what is the
// charter's to say, and every reader checks it.
package vault
