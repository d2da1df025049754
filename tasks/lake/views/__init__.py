"""The views of a lake, as SQL: which rows count, everyday questions made short, the file ``views.sql``."""
