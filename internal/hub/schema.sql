CREATE TABLE IF NOT EXISTS hub_schema (
	version INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS invitation (
	hash BLOB NOT NULL PRIMARY KEY -- of the token
);
CREATE TABLE IF NOT EXISTS org (
	org  BLOB NOT NULL PRIMARY KEY,
	size INTEGER NOT NULL,         -- leaves of its log
	edge BLOB NOT NULL,            -- roots of the perfect trees that its leaves make up, the largest first
	bytes INTEGER NOT NULL DEFAULT 0 -- of its entries, as they travel
);
CREATE TABLE IF NOT EXISTS device (
	org     BLOB NOT NULL,
	device  BLOB NOT NULL,
	verify  BLOB NOT NULL UNIQUE,  -- key by which it is known and signs heads
	steward INTEGER NOT NULL,      -- 1: may admit and revoke others
	revoked INTEGER NOT NULL,      -- 1: says nothing more
	seq     INTEGER NOT NULL,      -- where its chain ends here
	head    BLOB NOT NULL,
	PRIMARY KEY (org, device)
);
CREATE TABLE IF NOT EXISTS item (
	org    BLOB NOT NULL,
	device BLOB NOT NULL,
	seq    INTEGER NOT NULL,
	wire   BLOB NOT NULL,          -- sealed, as it travels
	PRIMARY KEY (org, device, seq)
);
CREATE TABLE IF NOT EXISTS leaf (
	org       BLOB NOT NULL,
	idx       INTEGER NOT NULL,    -- from 0, in the order of acceptance
	device    BLOB NOT NULL,
	seq       INTEGER NOT NULL,    -- of the head that the device signed
	head      BLOB NOT NULL,
	signature BLOB NOT NULL,
	hashes    BLOB NOT NULL,       -- of the tree, that become whole with this leaf: its own, then what is over it
	PRIMARY KEY (org, idx)
);
CREATE INDEX IF NOT EXISTS leaf_device ON leaf(org, device, seq);
CREATE TABLE IF NOT EXISTS file (
	org     BLOB NOT NULL,
	name    BLOB NOT NULL,
	size    INTEGER NOT NULL,      -- what it is to have, padded
	got     INTEGER NOT NULL,      -- what came; as much as size: it is whole
	touched INTEGER NOT NULL,      -- seconds since 1970, when something of it came last
	PRIMARY KEY (org, name)
);
CREATE TABLE IF NOT EXISTS file_piece (
	org    BLOB NOT NULL,
	name   BLOB NOT NULL,
	idx    INTEGER NOT NULL,       -- from 0; each but the last is one MiB
	object BLOB NOT NULL,          -- under which it lies where large things are kept
	PRIMARY KEY (org, name, idx)
);
CREATE TABLE IF NOT EXISTS file_tail (
	org   BLOB NOT NULL,
	name  BLOB NOT NULL,
	at    INTEGER NOT NULL,        -- of its first byte
	bytes BLOB NOT NULL,           -- sealed; what came of a piece that is not whole yet
	PRIMARY KEY (org, name, at)
);
CREATE TABLE IF NOT EXISTS file_gone (
	org  BLOB NOT NULL,
	name BLOB NOT NULL,            -- ordered erased: never taken again
	PRIMARY KEY (org, name)
);
CREATE TABLE IF NOT EXISTS object (
	id    BLOB NOT NULL PRIMARY KEY, -- random
	bytes BLOB NOT NULL            -- sealed; where large things are kept in the database
);
CREATE TABLE IF NOT EXISTS object_doomed (
	id    BLOB NOT NULL PRIMARY KEY, -- of no file (any more): to be destroyed
	since INTEGER NOT NULL         -- seconds since 1970; zero: at once
);
CREATE TABLE IF NOT EXISTS mailbox (
	org BLOB NOT NULL,
	box BLOB NOT NULL UNIQUE,      -- by which others leave mail
	PRIMARY KEY (org, box)
);
CREATE TABLE IF NOT EXISTS mail (
	org    BLOB NOT NULL,          -- whose mailbox it lies in
	id     BLOB NOT NULL,          -- random
	box    BLOB NOT NULL,
	sender BLOB NOT NULL,          -- the organisation that left it, so that none fills another's mailbox
	day    INTEGER NOT NULL,       -- on which it came, since 1970
	piece  BLOB NOT NULL,          -- sealed; all have one size
	PRIMARY KEY (org, id)
);
CREATE TABLE IF NOT EXISTS administrator (
	org BLOB NOT NULL,
	id  BLOB NOT NULL,             -- a hash of the key by which they sign orders
	PRIMARY KEY (org, id)
);
CREATE TABLE IF NOT EXISTS device_order (
	org    BLOB NOT NULL,
	number INTEGER NOT NULL,       -- from 1, in the order in which they were obeyed
	kind   INTEGER NOT NULL,
	device BLOB NOT NULL,          -- that it is about
	id     BLOB NOT NULL,          -- of the administrator
	at     INTEGER NOT NULL,       -- seconds since 1970
	said   BLOB NOT NULL,          -- the order, as it came
	PRIMARY KEY (org, number)
);
CREATE INDEX IF NOT EXISTS device_order_device ON device_order(org, device, number);
