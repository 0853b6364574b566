"""Welcome, and the pages that lie over the filling window."""
