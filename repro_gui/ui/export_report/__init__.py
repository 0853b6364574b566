"""The report as it will be, page by page."""
