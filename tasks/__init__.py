"""The stages of the pipeline, one per file or folder: read, clean, language, mentions, meetings, quotes, topics, lake.

Everything between ``read`` (the only one that opens sockets and files) and ``lake`` (the only one that
writes) is a pure function of its arguments.
"""
