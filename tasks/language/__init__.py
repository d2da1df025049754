"""From a language pack and a text to typed tokens: loading, folding, tokens, the lexicon, the rule cascade."""
