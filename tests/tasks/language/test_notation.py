"""Sentences and patterns written for people."""

from annotated import read_document

from tasks.language.cascade import class_pattern
from tasks.language.notation import describe_clauses, describe_tokens, spell_pattern


def test_words_in_marks_are_shown_inside_their_token():
    sentence = read_document('Ông Weber nói: "Trời đẹp".').sentences[0]
    text = 'Ông Weber nói: "Trời đẹp".'
    told = describe_tokens(sentence.tokens, text)
    assert told == "PERSON<Ông Weber> CUE=assert<nói> COLON<:> QUOTE<CAP<Trời> LOW<đẹp>> STOP<.>"


def test_a_clause_tells_subject_agent_verb_mood_and_what_it_brings():
    text = "Cây cầu đã được ông Weber mô tả là kỳ quan."
    sentence = read_document(text).sentences[0]
    lines = list(describe_clauses(sentence.clauses, sentence.tokens, text))
    assert lines[0] == "0 main: subject Cây cầu; agent ông Weber; verb mô tả [PASSIVE PAST]; brings là kỳ quan"


def test_a_pattern_is_spelt_in_its_classes():
    assert (
        spell_pattern(class_pattern("PERSON (?:ADV|PAST){0,3} MEETV").pattern) == "PERSON (?: ADV | PAST ){0,3} MEETV"
    )
