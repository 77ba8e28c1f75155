-- A store as schema 1 left it: entries, and no counter of changes.
CREATE TABLE entry(namespace TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY(namespace, key));
PRAGMA application_id = 1414681428;
PRAGMA user_version = 1;
INSERT INTO entry VALUES('repository', 'default/test/secret', X'7368686868686868');
INSERT INTO entry VALUES('repository', 'a/b/c', X'00000000000000000000');
INSERT INTO entry VALUES('kbs', 'resource-policy.rego', X'7061636b61676520706f6c696379');
