-- SPDX-License-Identifier: Apache-2.0
-- To be run in a database that was restored from a backup, before a collector uses it (docs/storage.md#restore).
-- What was committed after the backup had cursors that clients may remember. They are not used a second time: a
-- client that follows with one of them gets everything that is committed from now on.
UPDATE counters SET value = value + 1000000000
 WHERE name IN ('last_finding', 'last_gap', 'last_visibility');
UPDATE followers SET position = (SELECT value FROM counters WHERE name = 'last_finding');
