//! Files of records, over the wire and on the disk.

mod leftovers;
