"""Programs behind the figures in docs/: run them from the project's folder."""
