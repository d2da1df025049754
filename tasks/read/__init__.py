"""From links to pages: the only stage that opens files and sockets."""
