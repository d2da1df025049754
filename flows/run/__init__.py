"""One run, from its inputs to the lake: it knows neither Prefect nor a terminal."""
