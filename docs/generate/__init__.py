"""The pages under ``docs/`` that are made from the code: ``python -m docs.generate`` writes them anew."""
