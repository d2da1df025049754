"""Ways to run Parley every day; see README.md."""
