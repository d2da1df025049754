"""The pages under ``docs/`` that are made from the code: ``python -m flows.docs`` writes them anew."""
