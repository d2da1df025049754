"""Asking a lake: DuckDB connections that see nothing else, SQL, exports, and what a new run needs to know."""
