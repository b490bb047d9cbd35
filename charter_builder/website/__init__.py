"""The published site: plain Markdown pages, written, built and finished."""
