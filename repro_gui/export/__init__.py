"""One file per format: an audit report in, bytes out."""
