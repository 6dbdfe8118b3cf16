-- What a key has set of the settings that there are: a JSON object by their names. Without a row nothing is set.
CREATE TABLE preferences (
    address BLOB PRIMARY KEY,
    overrides TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Texts that a key keeps under names. The size is in code points, and stands before the text, so that a list reads no texts.
-- Times are in milliseconds.
CREATE TABLE prompts (
    address BLOB NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (address, name)
) STRICT;

-- The bytes of all their texts, which no number of keys makes larger than is allowed.
INSERT INTO meta (key, value) VALUES ('prompt_bytes', 0);

CREATE TRIGGER prompt_created AFTER INSERT ON prompts BEGIN
    UPDATE meta SET value = value + octet_length(new.text) WHERE key = 'prompt_bytes';
END;

CREATE TRIGGER prompt_replaced AFTER UPDATE ON prompts BEGIN
    UPDATE meta SET value = value + octet_length(new.text) - octet_length(old.text) WHERE key = 'prompt_bytes';
END;

CREATE TRIGGER prompt_deleted AFTER DELETE ON prompts BEGIN
    UPDATE meta SET value = value - octet_length(old.text) WHERE key = 'prompt_bytes';
END;
