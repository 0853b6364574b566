"""The window that makes a project's environment anew and tries its imports."""
