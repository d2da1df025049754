-- Words as they are compared: small letters without accents, one blank before each word, no marks.
CREATE TEMP MACRO fold(words) AS
    regexp_replace(' ' || replace(strip_accents(lower(words)), 'đ', 'd'), '[^\p{L}\p{N}]+', ' ', 'g');

-- True if each wanted phrase is in the words, from the start of a word; also if nothing is wanted.
CREATE TEMP MACRO holds_all(words, wanted) AS
    wanted IS NULL OR list_bool_and([contains(fold(words), rtrim(fold(phrase))) FOR phrase IN wanted]);

-- True if a value is among the wanted ones; also if nothing is wanted.
CREATE TEMP MACRO is_wanted(value, wanted) AS wanted IS NULL OR coalesce(list_contains(wanted, value), false);

-- True if a day is between two days, each of which may be missing.
CREATE TEMP MACRO is_between(day, since, until) AS
    (since IS NULL OR coalesce(day >= since, false)) AND (until IS NULL OR coalesce(day <= until, false));
