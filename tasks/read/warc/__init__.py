"""Web archives (WARC): records, and the pages in them."""
