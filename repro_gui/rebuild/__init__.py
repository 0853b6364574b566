"""Makes a project's environment anew in a temporary folder, and tries the project's imports in it."""
