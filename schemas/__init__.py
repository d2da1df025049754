"""The nouns of Parley: records, their Arrow schemas, errors and settings.

Knows pyarrow and the standard library; knows nothing of Prefect, DuckDB, httpx or trafilatura.
"""
