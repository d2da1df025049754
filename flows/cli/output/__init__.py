"""How commands print: tables, quotes, progress, formats."""
