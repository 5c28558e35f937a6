"""How things look as text: tables, trees, run lines, tracebacks. Pure functions wherever possible."""
