"""The five questions and the tree of checks."""
